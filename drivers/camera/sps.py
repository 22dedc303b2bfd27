"""What a sequence parameter set says of the picture: ITU-T H.264 §7.3.2.1.1 and annex E."""

from __future__ import annotations

from typing import NamedTuple

from drivers.camera.bits import Bits, unescape
from drivers.camera.errors import BadSyntax, PictureTooLarge

# Bytes of a parameter set. With all scaling lists and reference sets it has some 2 KiB; a camera's 50 bytes.
MAX_PARAMETER_SET = 4096
# Luma samples of a picture: that of the highest level, 6.2, in both standards (H.264 table A-1: 139,264
# macroblocks; H.265 table A.8). Decoded it takes 53 MB; no decoder promises more.
MAX_SAMPLES = 139_264 * 256
MAX_SIDE = 16_888  # likewise: the root of eight times as many
MAX_FPS = 300.0  # the highest frame rate of any level; above it the timing is nonsense
EXTENDED_ASPECT = 255  # Extended_SAR

_CHROMA_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})


class Sps(NamedTuple):
    id: int
    width: int  # after cropping
    height: int
    fps: float  # 0.0 where it says nothing


def checked(sps_id: int, coded: tuple[int, int], cropped: tuple[int, int], fps: float) -> Sps:
    """Raises PictureTooLarge, BadSyntax where cropping leaves nothing."""
    if coded[0] * coded[1] > MAX_SAMPLES or max(coded) > MAX_SIDE:
        raise PictureTooLarge(f"pictures of {coded[0]} x {coded[1]}")
    width, height = coded[0] - cropped[0], coded[1] - cropped[1]
    if width <= 0 or height <= 0:
        raise BadSyntax("cropped to nothing")
    return Sps(sps_id, width, height, fps)


def rate(num: int, den: int) -> float:
    """Pictures a second; 0.0 for what can be none."""
    fps = num / den if den else 0.0
    return fps if fps <= MAX_FPS else 0.0


def h264_sps(nal: bytes) -> Sps:
    """Raises BadSyntax, PictureTooLarge."""
    if len(nal) > MAX_PARAMETER_SET:
        raise BadSyntax("too long for a parameter set")
    bits = Bits(unescape(nal)[1:])
    profile = bits.u(8)
    bits.skip(16)  # constraints and level
    sps_id = bits.ue(31)
    chroma, separate = 1, False
    if profile in _CHROMA_PROFILES:
        chroma, separate = _chroma(bits)
    bits.ue(12)  # log2_max_frame_num_minus4
    _order_count(bits)
    bits.ue(16)  # max_num_ref_frames
    bits.skip(1)  # gaps_in_frame_num_value_allowed_flag
    width = 16 * (bits.ue(2**16) + 1)
    map_units = bits.ue(2**16) + 1
    fields = 1 if bits.flag() else 2  # frame_mbs_only_flag
    if fields == 2:  # noqa: PLR2004 two fields make a frame
        bits.skip(1)  # mb_adaptive_frame_field_flag
    bits.skip(1)  # direct_8x8_inference_flag
    # §7.4.2.1.1, equations 7-19 to 7-22
    unit_x = 2 if chroma in (1, 2) and not separate else 1
    unit_y = (2 if chroma == 1 and not separate else 1) * fields
    cropped = (0, 0)
    if bits.flag():
        left, right, top, bottom = (bits.ue(2**16) for _ in range(4))
        cropped = unit_x * (left + right), unit_y * (top + bottom)
    return checked(sps_id, (width, 16 * fields * map_units), cropped, _h264_fps(bits))


def _chroma(bits: Bits) -> tuple[int, bool]:
    chroma = bits.ue(3)
    separate = chroma == 3 and bits.flag()  # noqa: PLR2004 chroma_format_idc: 4:4:4
    bits.ue(6)  # bit depths
    bits.ue(6)
    bits.skip(1)
    if bits.flag():  # seq_scaling_matrix_present_flag
        for index in range(8 if chroma != 3 else 12):  # noqa: PLR2004 as above
            if bits.flag():
                _scaling_list(bits, 16 if index < 6 else 64)  # noqa: PLR2004 six lists of 4x4 come first
    return chroma, separate


def _scaling_list(bits: Bits, size: int) -> None:
    """§7.3.2.1.1.1."""
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _order_count(bits: Bits) -> None:
    kind = bits.ue(2)  # pic_order_cnt_type
    if kind == 0:
        bits.ue(12)
    elif kind == 1:
        bits.skip(1)
        for _ in range(2):
            bits.se()
        for _ in range(bits.ue(255)):
            bits.se()


def _h264_fps(bits: Bits) -> float:
    """Of the VUI (§E.1.1). One that ends too early says nothing; the size before it still holds."""
    try:
        if not bits.flag():
            return 0.0
        before_timing(bits)
        if not bits.flag():
            return 0.0
        ticks, scale = bits.u(32), bits.u(32)
    except BadSyntax:
        return 0.0
    return rate(scale, 2 * ticks)  # a tick is a field


def before_timing(bits: Bits) -> None:
    """Of a VUI what both standards begin with."""
    if bits.flag() and bits.u(8) == EXTENDED_ASPECT:  # aspect ratio
        bits.skip(32)
    if bits.flag():  # overscan
        bits.skip(1)
    if bits.flag():  # video_signal_type
        bits.skip(4)
        if bits.flag():
            bits.skip(24)
    if bits.flag():  # chroma_loc_info
        bits.ue(5)
        bits.ue(5)
