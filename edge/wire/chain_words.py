"""What a walk along a chain has found, in Chinese and English, for hallctl and hall-console."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge.wire.chain import Misfit
from edge.wire.walk import Walk

MISFIT_WORDS: Mapping[Misfit, tuple[str, str]] = {  # Chinese, English
    Misfit.CONTENT: (
        "内容与链值不符，记录被改动过",
        "its content is not that of its link: it has been altered",
    ),
    Misfit.ORDER: (
        "不在自己的位置，或不接前一条：有记录被调换、插入、替换或取走",
        "it is not in its place, or does not follow the act before it: "
        "records have been swapped, put in, replaced or taken out",
    ),
    Misfit.MISSING: ("从这里起缺少记录", "records are missing from here on"),
    Misfit.UNLINKED: ("没有链值", "it has no link"),
}


def verdict(walk: Walk, whose: str = "") -> Iterator[tuple[str, str]]:
    """Line by line. `whose`: the node, where there may be several."""
    name = f"{whose} {walk.epoch[:8]}".strip()
    if walk.first is None:
        yield (
            f"✓ {name}：到序号 {walk.next_seq - 1} 为止，{walk.acts} 件逐条相接，没有改动",
            f"✓ {name}: up to seq {walk.next_seq - 1}, {walk.acts} acts, each follows the one before it",
        )
        if walk.link:
            yield f"  最后的链值 {walk.link}", f"  the last link {walk.link}"
    else:
        first = walk.first
        place = " ".join(filter(None, (first.day, f"seq {first.seq}", first.kind, first.ticket)))
        zh, en = MISFIT_WORDS[first.misfit]
        yield (
            f"✗ {name}：第一处对不上的：{place}：{zh}",
            f"✗ {name}: the first that does not fit: {place}: {en}",
        )
        yield (
            f"  共 {walk.findings} 处；查过 {walk.acts} 件",
            f"  places that do not fit: {walk.findings}; acts looked at: {walk.acts}",
        )
    if walk.unlinked:
        yield (
            f"  另有 {walk.unlinked} 件早于链，没有链值，无从核对",
            f"  {walk.unlinked} acts more are from before the chain: they have no link and cannot be checked",
        )
