"""What a video object layer says of the picture: ISO/IEC 14496-2 §6.2.3 and §6.3.3."""

from __future__ import annotations

import re

from drivers.camera.bits import Bits
from drivers.camera.errors import BadSyntax
from drivers.camera.sps import MAX_PARAMETER_SET, Sps, checked, rate

_START = re.compile(rb"\x00\x00\x01[\x20-\x2f]")  # table 6-3; the last digit is the layer's id
_EXTENDED_ASPECT = 15  # table 6-12
_VBV_BITS = 79  # vbv_parameters, with their markers


def has_vol(headers: bytes) -> bool:
    return _START.search(headers) is not None


def mpeg4_vol(headers: bytes) -> Sps:
    """Of the first layer. Raises BadSyntax, PictureTooLarge."""
    start = _START.search(headers)
    if start is None or len(headers) > MAX_PARAMETER_SET:
        raise BadSyntax("no video object layer")
    bits = Bits(headers[start.end() :])
    bits.skip(1 + 8)  # random_accessible_vol, video_object_type_indication
    if bits.flag():  # is_object_layer_identifier
        bits.skip(4 + 3)
    if bits.u(4) == _EXTENDED_ASPECT:
        bits.skip(8 + 8)
    if bits.flag():  # vol_control_parameters
        bits.skip(2 + 1)
        bits.skip(_VBV_BITS if bits.flag() else 0)
    if bits.u(2):
        raise BadSyntax("video that is not rectangular")
    _marker(bits)
    resolution = bits.u(16)
    _marker(bits)
    fps = 0.0
    if bits.flag():  # fixed_vop_rate
        fps = rate(resolution, bits.u(max(1, (resolution - 1).bit_length())))
    _marker(bits)
    width = bits.u(13)
    _marker(bits)
    height = bits.u(13)
    return checked(start[0][-1] & 0x0F, (width, height), (0, 0), fps)


def _marker(bits: Bits) -> None:
    if not bits.flag():
        raise BadSyntax("no marker bit")
