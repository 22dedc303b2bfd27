"""What a sequence parameter set of H.265 says of the picture: ITU-T H.265 §7.3.2.2 and what it refers to."""

from __future__ import annotations

from drivers.camera.bits import Bits, unescape
from drivers.camera.errors import BadSyntax
from drivers.camera.sps import MAX_PARAMETER_SET, Sps, before_timing, checked, rate

_WIDEST = 2**20  # so that what is only too large is told as that


def h265_sps(nal: bytes) -> Sps:
    """Raises BadSyntax, PictureTooLarge."""
    if len(nal) > MAX_PARAMETER_SET:
        raise BadSyntax("too long for a parameter set")
    bits = Bits(unescape(nal)[2:])
    bits.skip(4)  # sps_video_parameter_set_id
    sub_layers = bits.u(3)  # minus 1
    bits.skip(1)
    _profile_tier_level(bits, sub_layers)
    sps_id = bits.ue(15)
    chroma = bits.ue(3)
    separate = chroma == 3 and bits.flag()  # noqa: PLR2004 chroma_format_idc: 4:4:4
    width, height = bits.ue(_WIDEST), bits.ue(_WIDEST)
    unit_x = 2 if chroma in (1, 2) and not separate else 1  # table 6-1
    unit_y = 2 if chroma == 1 and not separate else 1
    cropped = (0, 0)
    if bits.flag():  # conformance_window_flag
        left, right, top, bottom = (bits.ue(_WIDEST) for _ in range(4))
        cropped = unit_x * (left + right), unit_y * (top + bottom)
    return checked(sps_id, (width, height), cropped, _fps(bits, sub_layers))


def _fps(bits: Bits, sub_layers: int) -> float:
    """Of the VUI (§E.2.1). One that ends too early says nothing; the size before it still holds."""
    try:
        _before_vui(bits, sub_layers)
        if not bits.flag():
            return 0.0
        before_timing(bits)
        bits.skip(3)  # neutral chroma, fields
        if bits.flag():  # default_display_window_flag
            for _ in range(4):
                bits.ue()
        if not bits.flag():
            return 0.0
        ticks, scale = bits.u(32), bits.u(32)
    except BadSyntax:
        return 0.0
    return rate(scale, ticks)


def _profile_tier_level(bits: Bits, sub_layers: int) -> None:
    """§7.3.3."""
    bits.skip(88 + 8)
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    if sub_layers:
        bits.skip(2 * (8 - sub_layers))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)


def _before_vui(bits: Bits, sub_layers: int) -> None:
    for _ in range(2):  # bit depths
        bits.ue(8)
    order_bits = bits.ue(12) + 4
    for _ in range(sub_layers + 1 if bits.flag() else 1):
        for _ in range(3):
            bits.ue()
    for _ in range(6):  # sizes and depths of blocks
        bits.ue()
    if bits.flag() and bits.flag():
        _scaling_lists(bits)
    bits.skip(2)  # amp, sample_adaptive_offset
    if bits.flag():  # pcm
        bits.skip(8)
        bits.ue()
        bits.ue()
        bits.skip(1)
    _reference_sets(bits)
    if bits.flag():  # long_term_ref_pics_present_flag
        for _ in range(bits.ue(32)):
            bits.skip(order_bits + 1)
    bits.skip(2)  # temporal_mvp, strong_intra_smoothing


def _scaling_lists(bits: Bits) -> None:
    """§7.3.4."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):  # noqa: PLR2004 32x32 has luma only
            if not bits.flag():
                bits.ue()
                continue
            if size > 1:
                bits.se()
            for _ in range(min(64, 1 << (4 + 2 * size))):
                bits.se()


def _reference_sets(bits: Bits) -> None:
    """§7.3.7, of which only the number of pictures of each set matters for reading the next."""
    pictures = 0
    for index in range(bits.ue(64)):
        if index and bits.flag():  # from the set before
            bits.skip(1)
            bits.ue()
            # used, or not used but kept: a flag or two for each picture of that set and one more
            pictures = sum(bits.flag() or bits.flag() for _ in range(pictures + 1))
        else:
            pictures = bits.ue(16) + bits.ue(16)
            for _ in range(pictures):
                bits.ue()
                bits.skip(1)
