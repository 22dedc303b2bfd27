"""A process that reads one person's card or code and ends: what it read ends with it.

Python keeps freed memory, and libraries keep strings. So the kiosk itself never has an identity number: this
process asks the daemon over a connection of its own, tells the kiosk what may be shown, and is gone. Of a
card that is the masked name and number, and a keyed hash that tells one person from another; the code of an
appointment is handed to the daemon from here.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

from edge.control import ControlClient, ControlError
from edge.wire import PERSONAL, Reply
from kiosk_ui.masks import masked_name, masked_number

MARGIN_S = 10.0  # beyond the reading: a card that is laid on in the last moment
CHECK_IN_S = 35.0  # a print, its time-out and one more try


async def read(order: dict[str, Any]) -> dict[str, Any]:
    """What the kiosk may know. `order`: what, socket, device, session, within_s, secret."""
    try:
        async with ControlClient(Path(order["socket"])) as client:
            if order["what"] == "card":
                return _card(await _ask(client, "card.read", order), order["secret"])
            return await _check_in(client, order)
    except ControlError:
        return {"result": "failed", "code": "unreachable"}


async def _ask(client: ControlClient, verb: str, order: dict[str, Any]) -> Reply:
    args = {key: order[key] for key in ("device", "session", "within_s")}
    return await client.request(verb, args, order["within_s"] + MARGIN_S)


def _card(reply: Reply, secret: str) -> dict[str, Any]:
    said = reply.data.get(PERSONAL)
    if reply.result != "done" or not isinstance(said, dict):
        return _told(reply)
    name, number = str(said.get("name", "")), str(said.get("number", ""))
    person = {"name": masked_name(name), "number": masked_number(number), "person": _hash(secret, number)}
    return {"result": "done", "personal": person}


async def _check_in(client: ControlClient, order: dict[str, Any]) -> dict[str, Any]:
    """One code, one ticket: a code that is scanned again gets the same."""
    reply = await _ask(client, "code.read", order)
    said = reply.data.get(PERSONAL)
    if reply.result != "done" or not isinstance(said, dict):
        return _told(reply)
    ref = str(said.get("text", "")).strip()
    args = {"ref": ref[:128], "session": _hash(order["secret"], ref)[:32], "can_show": True}
    return _told(await client.request("appointment.check_in", args, CHECK_IN_S))


def _told(reply: Reply) -> dict[str, Any]:
    ticket = {"ticket": reply.data} if reply.result == "done" else {}
    return {"result": reply.result, "code": reply.code, "zh": reply.zh, "en": reply.en, **ticket}


def _hash(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def main() -> None:
    """One order on standard input, one answer on standard output."""
    answer = asyncio.run(read(json.loads(sys.stdin.buffer.readline())))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
