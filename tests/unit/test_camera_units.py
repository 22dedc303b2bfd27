"""From packets to the first picture that a decoder can begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from drivers.camera.errors import BadSyntax, PictureTooLarge
from drivers.camera.h264 import H264
from drivers.camera.h265 import H265
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.rtp import packet
from drivers.camera.units import MAX_UNIT, REFRESH_MARGIN, IntraSearch
from tests.camera_packets import (
    ap,
    fu,
    fu_a,
    nals_of,
    packets,
    recovery_point,
    rtp,
    slice_264,
    slice_265,
    sps_264,
    stap_a,
)
from tests.golden.camera_pictures import PPS_264, PPS_265, SPS_264, SPS_265, VPS_265

SETS = (SPS_264, PPS_264)
KNOWN = StreamFormat("h264", parameter_sets=SETS)
IDR, I_SLICE, P = slice_264(5, 7, size=5000), slice_264(1, 7, size=5000), slice_264(1, 5, size=200)
B = slice_264(1, 6, reference=0)
DELIMITER = b"\x09\x10"
SETS_265 = (VPS_265, SPS_265, PPS_265)
IDR_265, CRA, TRAIL = slice_265(19, size=5000), slice_265(21, size=5000), slice_265(1, size=200)


def first(data: Iterable[bytes], form: StreamFormat = KNOWN) -> AccessUnit | None:
    search = IntraSearch(H265() if form.codec == "h265" else H264(), form)
    return next(filter(None, (search.take(packet(each)) for each in data)), None)


def nals(unit: AccessUnit | None) -> list[bytes]:
    assert unit
    return nals_of(unit.data)


# --- what a picture is made of ---
def test_a_whole_picture_comes_with_its_parameter_sets_in_front() -> None:
    unit = first(packets([[P], [DELIMITER, *SETS, IDR], [P]]))
    assert nals(unit) == [*SETS, DELIMITER, IDR]
    assert unit
    assert unit.complete
    assert (unit.format.width, unit.format.height, unit.format.fps) == (640, 360, 25.0)
    assert unit.data.startswith(b"\x00\x00\x00\x01")


def test_it_is_there_with_its_marker_not_with_the_next_picture() -> None:
    sent = list(packets([[IDR], [P]]))
    assert first(sent[:-1])
    assert not first(sent[:-2])


def test_without_markers_the_next_timestamp_ends_it() -> None:
    sent = [bytes((each[0], each[1] & 0x7F)) + each[2:] for each in packets([[IDR], [P]])]
    assert nals(first(sent)) == [*SETS, IDR]
    assert not first(sent[:-1])


def test_slices_of_a_picture_stay_together() -> None:
    slices = [slice_264(5, 7, first=each, size=300) for each in (0, 10, 20)]
    assert nals(first(packets([[P], slices]))) == [*SETS, *slices]


def test_a_camera_that_marks_every_slice_is_found_out() -> None:
    """Its first picture is lost by it, where that is no intra picture."""
    halves = [
        [slice_264(kind, of, first=each, size=300) for each in (0, 500)] for kind, of in ((1, 5), (5, 7))
    ]
    sent = [
        rtp(nal, 2 * at + n, 9000 * at, marker=True)
        for at, pair in enumerate(halves)
        for n, nal in enumerate(pair)
    ]
    sent.append(rtp(P, 4, 90_000, marker=True))
    assert nals(first(sent)) == [*SETS, *halves[1]]


def test_timestamps_that_stand_still_do_not_matter() -> None:
    assert nals(first(packets([[P], [P], [IDR], [P]], ticks=0))) == [*SETS, IDR]


def test_an_aggregate_brings_several() -> None:
    sent = [rtp(stap_a([*SETS, slice_264(5, 7)]), 0, 0, marker=True)]
    assert nals(first(sent, StreamFormat("h264"))) == [*SETS, slice_264(5, 7)]


# --- parameter sets ---
def test_sets_in_band_override_the_sdps() -> None:
    other = sps_264(120, 68, crop=(0, 0, 0, 4))
    unit = first(packets([[other, PPS_264, IDR]]))
    assert nals(unit)[0] == other
    assert unit
    assert (unit.format.width, unit.format.height) == (1920, 1080)
    assert unit.format.parameter_sets == (other, PPS_264)


def test_another_id_in_band_puts_the_sdps_away_too() -> None:
    other = sps_264(40, 30, sps_id=3)
    unit = first(packets([[other, PPS_264, IDR]]))
    assert unit
    assert unit.format.parameter_sets == (other, PPS_264)


def test_without_any_sets_it_waits_for_a_picture_with_them() -> None:
    unit = first(packets([[IDR], [P], [*SETS, IDR]]), StreamFormat("h264"))
    assert nals(unit) == [*SETS, IDR]
    assert not first(packets([[IDR], [P], [IDR]]), StreamFormat("h264"))


def test_sets_with_a_timestamp_of_their_own_are_kept() -> None:
    assert nals(first(packets([[SPS_264], [PPS_264], [IDR]]), StreamFormat("h264"))) == [*SETS, IDR]


def test_pictures_of_16k_by_16k_are_refused() -> None:
    with pytest.raises(PictureTooLarge):
        first(packets([[sps_264(1024, 1024), PPS_264, IDR]]))


# --- which picture ---
def test_intra_slices_alone_make_an_intra_picture_and_it_is_said_so() -> None:
    unit = first(packets([[P], [I_SLICE]]))
    assert nals(unit) == [*SETS, recovery_point(0), I_SLICE]


def test_a_recovery_point_of_their_own_is_left() -> None:
    assert nals(first(packets([[recovery_point(0), I_SLICE]]))) == [*SETS, recovery_point(0), I_SLICE]


def test_a_picture_with_one_predicted_slice_is_none() -> None:
    mixed = [slice_264(1, 7), slice_264(1, 5, first=500)]
    assert not first(packets([mixed, mixed[::-1], [P]]))


def test_intra_refresh_brings_the_pictures_from_a_recovery_point_to_where_all_is_well() -> None:
    count = 6
    sent = [[P], [P], [recovery_point(count), P], *[[P], [B]] * 20]
    unit = first(packets(sent))
    found = nals(unit)
    assert found[:4] == [*SETS, recovery_point(count), P]
    assert found.count(P) == 1 + count + REFRESH_MARGIN
    assert unit
    assert unit.complete


def test_a_loss_during_the_refresh_waits_for_the_next() -> None:
    sent = list(
        packets([[recovery_point(4), P], [P], [P], *[[recovery_point(2), P], [P], [P], [P], [P]] * 2])
    )
    del sent[2]
    assert nals(first(sent))[2] == recovery_point(2)


def test_an_idr_picture_during_the_refresh_is_taken() -> None:
    assert nals(first(packets([[recovery_point(40), P], [P], [IDR]]))) == [*SETS, IDR]


# --- loss ---
def test_a_damaged_picture_waits_for_a_better_one() -> None:
    sent = list(packets([[IDR], [P], [IDR]]))
    del sent[2]
    unit = first(sent)
    assert nals(unit) == [*SETS, IDR]
    assert unit
    assert unit.complete


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_twice_damaged_is_taken_as_it_is(lost: int) -> None:
    sent = list(packets([[IDR], [IDR], [P]]))
    del sent[lost], sent[lost + 3]
    unit = first(sent)
    if lost:  # without its beginning there is no slice at all
        assert unit
        assert not unit.complete
        assert len(nals(unit)[-1]) < len(IDR)
    else:
        assert unit is None


def test_a_damaged_one_is_kept_for_who_can_wait_no_longer() -> None:
    search = IntraSearch(H264(), KNOWN)
    sent = list(packets([[IDR], [P]]))
    del sent[1]
    assert not any(search.take(packet(each)) for each in sent)
    assert search.best
    assert not search.best.complete


def test_a_loss_between_pictures_damages_none_that_follows_whole() -> None:
    sent = list(packets([[P], [P], [IDR]]))
    del sent[1]
    unit = first(sent)
    assert unit
    assert unit.complete


def test_who_joins_in_the_middle_of_a_picture_has_it_damaged() -> None:
    assert not first(list(packets([[IDR]]))[1:])


# --- hostile ---
def test_a_fragment_that_never_ends_is_bounded() -> None:
    search = IntraSearch(H264(), KNOWN)
    parts = fu_a(slice_264(5, 7, size=9000), 3000)
    search.take(packet(rtp(parts[0], 0, 0)))
    with pytest.raises(PictureTooLarge):
        for number in range(1, 10_000):
            search.take(packet(rtp(parts[1], number, 0)))
            assert search.buffered <= MAX_UNIT


def test_slices_without_end_are_bounded() -> None:
    search = IntraSearch(H264(), KNOWN)
    with pytest.raises(PictureTooLarge):
        for number in range(10_000):
            search.take(packet(rtp(slice_264(5, 7, first=number), number, 0)))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00",
        b"\x1e\x00",
        b"\x1c",
        b"\x1c\x85",
        b"\x18",
        b"\x18\xff\xff\x00",
        b"\x18\x00\x00\x00",
        b"\x05",
    ],
)
def test_odd_payloads_are_counted(payload: bytes) -> None:
    search = IntraSearch(H264(), KNOWN)
    search.take(packet(rtp(payload, 0, 0)))
    search.take(packet(rtp(b"\x65", 1, 0)))
    assert search.odd >= 1


def test_modes_that_nobody_asked_for_are_told() -> None:
    for kind in (0, 25, 26, 27, 29, 30, 31):
        with pytest.raises(BadSyntax):
            H264().pieces(bytes((kind, 1, 2, 3)))


# --- H.265 ---
def h265(pictures: Sequence[Sequence[bytes]], sets: tuple[bytes, ...] = SETS_265) -> AccessUnit | None:
    return first(packets(pictures, h265=True), StreamFormat("h265", parameter_sets=sets))


@pytest.mark.parametrize("picture", [IDR_265, CRA, slice_265(16), slice_265(18), slice_265(20)])
def test_irap_pictures_of_h265_are_taken(picture: bytes) -> None:
    unit = h265([[TRAIL], [picture], [TRAIL]])
    assert nals(unit) == [*SETS_265, picture]
    assert unit
    assert (unit.format.codec, unit.format.width, unit.format.fps) == ("h265", 640, 25.0)


def test_sets_of_h265_in_band() -> None:
    assert nals(h265([[TRAIL], [*SETS_265, IDR_265]], ())) == [*SETS_265, IDR_265]
    assert not h265([[TRAIL], [SPS_265, PPS_265, IDR_265]], ())


def test_an_aggregate_of_h265_brings_several() -> None:
    sent = [rtp(ap([*SETS_265, slice_265(19)]), 0, 0, marker=True)]
    assert nals(first(sent, StreamFormat("h265"))) == [*SETS_265, slice_265(19)]


def test_a_recovery_point_of_h265() -> None:
    """D.2.8: se(v), 0 and then 2."""
    now, later = b"\x4e\x01\x06\x01\xd0\x80", b"\x4e\x01\x06\x01\x24\x80"
    assert (H265().recovery(now), H265().recovery(later)) == (0, 2)
    assert nals(h265([[TRAIL], [now, TRAIL]])) == [*SETS_265, now, TRAIL]
    assert nals(h265([[TRAIL], [later, TRAIL], *[[TRAIL]] * 9])).count(TRAIL) == 1 + 2 + REFRESH_MARGIN


def test_fragments_of_h265_are_as_the_rfc_has_them() -> None:
    pieces = [H265().pieces(each)[0] for each in fu(IDR_265, 1000)]
    assert b"".join(each.data for each in pieces) == IDR_265
    assert [each.first for each in pieces] == [True, *[False] * (len(pieces) - 1)]
    assert [each.last for each in pieces] == [*[False] * (len(pieces) - 1), True]
    for odd in (b"", b"\x62\x01\x93", b"\x64\x01\x00\x00", b"\x60\x01\xff\xff\x00"):
        with pytest.raises(BadSyntax):
            H265().pieces(odd)
