"""`hall-console verify --settle`: somebody says what happened where a chain does not fit."""

from __future__ import annotations

from datetime import datetime

from edge.console.audit import audit
from edge.console.exits import refuse
from edge.console.record import Record
from edge.console.settled import MAX_NAME, MAX_WHY, Settled
from edge.wire.chain_words import MISFIT_WORDS
from edge.wire.walk import Finding


def settle_first(url: str, node: str, by: str, why: str) -> None:
    """The first finding of each chain of the node. Refuses, with the reason, where there is none or where it
    is not said who has looked into it and what he found. Raises RecordError."""
    hall, slash, name = node.partition("/")
    if not (node and by and why):
        refuse("--settle HALL/NODE、--by 和 --why 要一起写 · go together")
    if not (hall and slash and name):
        refuse(f"--settle {node}：要写成 大厅/节点 · is written HALL/NODE")
    for option, text, most in (("--by", by, MAX_NAME), ("--why", why, MAX_WHY)):
        if len(text) > most or not text.isprintable():
            refuse(f"{option}：一行，最多 {most} 字 · one line of at most {most} characters")
    found = [
        (each.key, each.walk.first)
        for each in audit(url, hall)
        if each.key[:2] == (hall, name) and each.walk.first
    ]
    if not found:
        refuse(f"{node}：没有对不上的记录，无需结案 · everything fits there: there is nothing to settle")
    with Record(url) as record:
        record.settle(found, by, why)


def told_of(finding: Finding, said: Settled) -> str:
    """A line of what `verify` prints."""
    zh, en = MISFIT_WORDS[finding.misfit]
    at = datetime.fromtimestamp(said.at).astimezone().isoformat(sep=" ", timespec="minutes")
    place = " ".join(filter(None, (finding.day, f"seq {finding.seq}", finding.kind, finding.ticket)))
    return f"  已查明 settled: {place}: {zh} · {en}: {said.by} {at}: {said.why}"
