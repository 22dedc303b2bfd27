"""Serial ports and USB printers: all at the same time, one device after the other at each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from drivers.api import DriverError
from drivers.checking.words import Text
from drivers.transport import open_link
from drivers.transport.ports import Node
from edge.diag.evidence import Holder
from edge.diag.probing.found import Finding, Kind, State
from edge.diag.probing.holders import holders
from edge.diag.probing.line import BUS_SPEED, SHOWN, Answer, asked, look
from edge.diag.probing.probes import PROBES, Probe, Told
from edge.diag.remedies import explained
from edge.diag.rights import rights_of, us

AT_ONCE = 32  # ports: each has a thread for a moment where it is opened, and half of those there may be hang

_PRINTER = next(probe for probe in PROBES if probe.driver == "printer")
_POWER = Text(
    "检查电源和连线（收、发是否接反）。窗口总线只能听：加 --listen 30，再按呼叫器或评价器的键",
    "Check power and cable (are send and receive swapped?). A window bus can only be listened to: with "
    "--listen 30, press a key of a caller or pad.",
)
_OTHER = Text(
    "核对设备的波特率和校验位；也可能不是本系统的设备",
    "Compare the device's speed and parity; or it is none of the devices of this system.",
)
HELD = Text(
    "是 hall-edge 就用 hallctl status 看它；是别的程序就先关闭，再扫描",
    "Where that is hall-edge, hallctl status shows it; any other program: close it, and scan again.",
)


async def serial(nodes: Sequence[Node], listen_s: float) -> list[Finding]:
    """A finding for each, in their order."""
    taken = holders([node.path for node in nodes])
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(node: Node) -> Finding:
        name = lasting_name(node, nodes)
        if holder := taken.get(os.path.realpath(node.path)):
            return _held("serial", name, holder)
        async with turn:
            return await _look(name, listen_s)

    return list(await asyncio.gather(*map(one, nodes)))


async def printers(nodes: Sequence[Node]) -> list[Finding]:
    """Of the USB printers' class: whether they answer, as printers of tickets do."""
    taken = holders([node.path for node in nodes])

    async def one(node: Node) -> Finding:
        if holder := taken.get(node.path):
            return _held("printer", node.path, holder)
        return await _ask_printer(f"usblp://{node.path}", node.path)

    return list(await asyncio.gather(*map(one, nodes)))


def lasting_name(node: Node, among: Sequence[Node]) -> str:
    """By the adapter's own number; by its place where a twin without one is there; else the kernel's name."""
    by_id = next((link for link in node.links if "/by-id/" in link), "")
    by_path = next((link for link in node.links if "/by-path/" in link), "")
    twins = [each for each in among if each is not node and node.vid and each.vid == node.vid]
    is_plain = any(
        each.pid == node.pid and not any("/by-id/" in link for link in each.links) for each in twins
    )
    return (by_path if is_plain or not by_id else by_id) or by_id or node.path


async def _look(name: str, listen_s: float) -> Finding:
    try:
        answer = await look(lambda baud: f"serial://{name}?baud={baud}", listen_s)
    except DriverError as error:
        cause, remedy = explained(error)
        state: State = "held" if error.code == "port_busy" else "failed"
        if error.code == "port_denied":
            remedy = _ours(name) or remedy
        return Finding("serial", name, state, evidence=cause, next=remedy)
    return _judged(name, answer)


def _ours(name: str) -> Text | None:
    """What we lack who scan."""
    try:
        rights = rights_of(name, us())
    except OSError:
        return None
    return Text(
        f"{rights}；用 root 运行，或 usermod -aG {rights.group} {rights.user} 后重新登录",
        f"{rights}; run it as root, or usermod -aG {rights.group} {rights.user} and log in again",
    )


def _judged(name: str, answer: Answer) -> Finding:
    if answer.children:
        keys = ", ".join(f"{child.kind} 0x{child.address:02X}" for child in answer.children)
        evidence = Text(f"总线上有人按键：{keys}", f"keys were pressed on the bus: {keys}")
        url = f"serial://{name}?baud={BUS_SPEED}"
        return Finding(
            "serial", name, "found", url, "bus68", "bus68-standard", evidence, children=answer.children
        )
    if answer.probe is not None and answer.told is not None:
        return found("serial", name, f"serial://{name}?baud={answer.baud}", answer.probe, answer.told)
    if answer.strange:
        shown, size = answer.strange[:SHOWN].hex(" ").upper(), len(answer.strange)
        evidence = Text(
            f"收到 {size} 字节，不是已知协议：{shown}", f"{size} bytes that no known protocol has: {shown}"
        )
        return Finding("serial", name, "strange", evidence=evidence, next=_OTHER)
    evidence = Text("没有已知设备应答", "no known device answers")
    if answer.echoes:
        evidence = Text(
            "没有应答，只有回声：这是 RS-485 转接线", "nobody answers but an echo: an RS-485 adapter"
        )
    return Finding("serial", name, "silent", evidence=evidence, next=_POWER)


def found(kind: Kind, place: str, url: str, probe: Probe, told: Told) -> Finding:
    model, settings = probe.model, told.settings
    return Finding(kind, place, "found", url, probe.driver, model, told.evidence, settings=settings)


async def _ask_printer(url: str, place: str) -> Finding:
    try:
        link = await open_link(url)
        try:
            _, told = await asked(link, _PRINTER)
        finally:
            await link.close()
    except DriverError as error:
        cause, remedy = explained(error)
        return Finding("printer", place, "failed", evidence=cause, next=remedy)
    if told is None:
        nothing = Text("不应答状态查询", "does not answer for its status")
        return Finding("printer", place, "silent", url, evidence=nothing, next=_OTHER)
    return found("printer", place, url, _PRINTER, told)


def _held(kind: Kind, place: str, holder: Holder) -> Finding:
    what = f"{holder.name} ({holder.pid})"
    evidence = Text(f"由 {what} 占用，没有动它", f"held by {what}, and left alone")
    return Finding(kind, place, "held", evidence=evidence, next=HELD)
