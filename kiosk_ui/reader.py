"""A process that reads one person's card or code and ends: what it read ends with it.

Python keeps freed memory, and libraries keep strings. So the kiosk itself never has an identity number: this
process asks the daemon over a connection of its own, tells the kiosk what may be shown, and is gone. Of a
card that is the masked name and number, and a keyed hash that tells one person from another, or whose
appointments there are; of a code what it is on the hall's own paper. The code of an appointment is handed to
the daemon from here.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

from edge.masks import masked_name, masked_number
from kiosk_ui.keys import NoKey, key_of, person_of, read_key
from kiosk_ui.plain import PERSONAL, PlainClient, Told, Unreachable

MARGIN_S = 10.0  # beyond the reading: a card that is laid on in the last moment
CHECK_IN_S = 35.0  # a print, its time-out and one more try
STANDS_S = 120.0  # of one order, where it is begun again and again
ASK_S = 5.0
BUSY_S, BUSY_TRIES = 0.2, 15  # an order that was withdrawn takes a moment to end
_PR_SET_PDEATHSIG = 1  # prctl(2)
_HALL = r"(?P<hall>[a-z0-9][a-z0-9_-]{0,63})"
_ITEM = re.compile(_HALL + r"/item/(?P<text>[0-9]{2,12})(/(?P<cases>[a-z0-9_+-]{1,512}))?")
# On a slip, or last in what a ticket's page shows to be photographed.
_TICKET = re.compile(r"(?:^|\s)(?P<text>" + _HALL + r"/\d{4}-\d\d-\d\d/[0-9A-Za-z-]{1,16})$")
_CASE = re.compile(r"(?:case:)?(?P<text>[0-9]{14})")  # on its receipt
_ORDER = re.compile(r"P[0-9]{19}")  # of a payment, on the payer's telephone
_REF = re.compile(r"[A-Za-z0-9_-]{8,64}")  # an appointment's


def read(order: dict[str, Any]) -> dict[str, Any]:
    """What the kiosk may know. `order`: what, socket, device, session, within_s, secret, key_file, day,
    stands, online."""
    try:
        with PlainClient(order["socket"]) as client:
            match order["what"]:
                case "card":
                    return _card(_ask(client, "card.read", order), order["secret"])
                case "card_check_in":
                    return _card_check_in(client, order)
                case _:
                    return _code(client, order)
    except Unreachable:
        return {"result": "failed", "code": "unreachable"}
    except NoKey as error:
        sys.stderr.write(f"{error}\n")
        return {"result": "failed", "code": "no_key"}


def _ask(client: PlainClient, verb: str, order: dict[str, Any], within_s: float = 0.0) -> Told:
    within_s = within_s or order["within_s"]
    args = {"device": order["device"], "session": order["session"], "within_s": within_s}
    for _ in range(BUSY_TRIES):
        reply = client.request(verb, args, within_s + MARGIN_S)
        if reply.code != "busy":
            break
        time.sleep(BUSY_S)
    return reply


# --- a card ---
def _card(reply: Told, secret: str) -> dict[str, Any]:
    said = reply.data.get(PERSONAL)
    if reply.result != "done" or not isinstance(said, dict):
        return _told(reply)
    name, number = str(said.get("name", "")), str(said.get("number", ""))
    person = {"name": masked_name(name), "number": masked_number(number), "person": _hash(secret, number)}
    return {"result": "done", "personal": person}


def _card_check_in(client: PlainClient, order: dict[str, Any]) -> dict[str, Any]:
    """The only appointment there is that has not been used is checked in at once; so is the last one, if all
    have been, which then tells its number. Otherwise the kiosk asks which."""
    key = read_key(Path(order["key_file"]))
    reply = _ask(client, "card.read", order)
    said = reply.data.get(PERSONAL)
    if reply.result != "done" or not isinstance(said, dict):
        return _told(reply)
    number = str(said.get("number", ""))
    if not number:
        return {"result": "rejected", "code": "no_number"}
    args = {"person": person_of(key, number, order["day"])}
    found = client.request("appointment.find", args, ASK_S)
    if found.result != "done":
        return _told(found)
    every = list(found.data.get("appointments", []))
    to_come = [each for each in every if not each.get("ticket")] or every[-1:]
    if len(to_come) == 1:
        return _check_in(client, str(to_come[0].get("ref", "")), order)
    return {"result": "done", "appointments": to_come}


# --- a code ---
def _code(client: PlainClient, order: dict[str, Any]) -> dict[str, Any]:
    """What is on it. One that stands waits on while there is none."""
    reply = _ask(client, "code.read", order, STANDS_S if order["stands"] else 0.0)
    while order["stands"] and reply.code == "no_code":
        reply = _ask(client, "code.read", order, STANDS_S)
    said = reply.data.get(PERSONAL)
    if reply.result != "done" or not isinstance(said, dict):
        return _told(reply)
    text = str(said.get("text", "")).strip()
    return _meant(client, text, order) | {"mark": key_of(order["secret"], "code", text)}


def _meant(client: PlainClient, text: str, order: dict[str, Any]) -> dict[str, Any]:
    if found := _ITEM.fullmatch(text):
        cases = [case for case in (found["cases"] or "").split("+") if case]
        scanned = {"kind": "item", "text": found["text"], "hall": found["hall"], "cases": cases[:16]}
        return {"result": "done", "scanned": scanned}
    if found := _TICKET.search(text):
        return {"result": "done", "scanned": {"kind": "ticket", "text": found["text"], "hall": found["hall"]}}
    if order["online"] and (found := _CASE.fullmatch(text)):
        return {"result": "done", "scanned": {"kind": "case", "text": found["text"]}}
    if order["online"] and _ORDER.fullmatch(text):
        return {"result": "done", "scanned": {"kind": "order", "text": text}}
    if _REF.fullmatch(text):
        return _check_in(client, text, order)
    return {"result": "rejected", "code": "unknown_code"}


def _check_in(client: PlainClient, ref: str, order: dict[str, Any]) -> dict[str, Any]:
    """One appointment, one ticket: whoever comes with it again gets the same."""
    args = {"ref": ref, "session": key_of(order["secret"], "booking", ref), "can_show": True}
    return _told(client.request("appointment.check_in", args, CHECK_IN_S))


def _told(reply: Told) -> dict[str, Any]:
    ticket = {"ticket": reply.data} if reply.result == "done" else {}
    return {"result": reply.result, "code": reply.code, "zh": reply.zh, "en": reply.en, **ticket}


def _hash(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def main() -> None:
    """One order on standard input, one answer on standard output. It ends with the kiosk, whose process is
    `kiosk`: one that waits for a code would else keep the scanner from the next."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    order = json.loads(sys.stdin.buffer.readline())
    if os.getppid() == order["kiosk"]:  # it may have ended before we could be told
        sys.stdout.write(json.dumps(read(order)))


if __name__ == "__main__":
    main()
