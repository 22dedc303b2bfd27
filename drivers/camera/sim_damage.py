"""What happens to a picture's packets between the encoder and the viewer."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

from drivers.camera import sim_rtp, sim_sps
from drivers.camera.sim_ills import Ills, is_gross
from drivers.camera.sim_recipe import Codec
from drivers.camera.sim_rtp import FRAME, HEADER, Packets

SPOILS = 6  # bytes of a packet that are changed
KEEPS = 40  # bytes at a payload's beginning that stay: the slice's header, without which it is no slice


def with_other_sets(codec: Codec, picture: Packets, ills: Ills, *, sends_sets: bool) -> Packets:
    """A key picture without parameter sets, or with such as lie."""
    if "no_parameter_sets" in ills or not sends_sets:
        nals = [nal for nal in picture.nals if not sim_rtp.is_parameter_set(codec, nal)]
    elif "huge_size" in ills:
        nals = lying(codec, picture.nals)
    else:
        return picture
    return sim_rtp.pack(codec, True, picture.at_s, picture.ticks, nals, aggregates=False)


def lying(codec: Codec, nals: Sequence[bytes]) -> list[bytes]:
    """With sequence parameter sets that say a huge size."""
    kind = 7 if codec == "h264" else 33
    return [sim_sps.huge(codec) if sim_rtp.kind(codec, nal) == kind else nal for nal in nals]


def spoil(wire: bytearray, starts: Sequence[int], strength: float, chance: random.Random) -> None:
    """Bytes of slices are changed; what says where they belong is not."""
    share = 1.0 if is_gross(strength) else 0.05
    for start in starts:
        begin = start + FRAME + HEADER + KEEPS
        end = start + FRAME + struct.unpack_from(">H", wire, start + 2)[0]
        if end > begin and chance.random() < share:
            for _ in range(SPOILS):
                wire[chance.randrange(begin, end)] ^= chance.randint(1, 255)


def thinned(
    wire: bytearray, starts: Sequence[int], strength: float, chance: random.Random
) -> tuple[bytearray, Sequence[int]]:
    """Without the packets that are lost."""
    share = 0.2 if is_gross(strength) else 0.02
    left, at = bytearray(), []
    for start, end in zip(starts, [*starts[1:], len(wire)], strict=True):
        if chance.random() >= share:
            at.append(len(left))
            left += wire[start:end]
    return left, at
