"""The reading of codes that goes on beside all else: paper with a code of the hall's is held to the scanner,
from whatever page, and its page comes.

Who asks to scan something (`CheckIn`) waits for this reading, where it goes on. While something else is
waited for, while somebody pays, and on the technician's pages, what is scanned means nothing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk_ui.actions import Screen
from kiosk_ui.messages import Answer, Effect, Read, Withdraw
from kiosk_ui.model import Model, Scan
from kiosk_ui.update_waiting import CODES, has_online
from kiosk_ui.update_work import GUIDE_COMING, came, refused

STANDING = "scan"  # the work of this reading
AGAIN_S = 2.0  # after a code: a page comes first
RETRY_S = 5.0  # where it could not be read
LIES_S = 10.0  # the same code again, so soon, is the same paper that lies there still
_NOT_ON = frozenset({Screen.PIN, Screen.TECHNICIAN, Screen.PAY})
Step = tuple[Model, tuple[Effect, ...]]


def going_on(model: Model) -> Step:
    """It begins where it may, and ends where it may not."""
    scan, device = model.scan, _device(model)
    if device == scan.device:
        return model, ()
    ended = (Withdraw(STANDING),) if scan.device else ()
    standing = Read(STANDING, "code", device, STANDING, stands=True, online=has_online(model))
    begun = (standing,) if device else ()
    return replace(model, scan=replace(scan, device=device)), (*ended, *begun)


def _device(model: Model) -> str:
    scan, scanners = model.scan, model.view.told.scanners
    if not model.look.scans or not model.view.reachable or not scanners:
        return ""
    work = model.session.work
    own = work is not None and work.kind in CODES and work.about  # has a reading of its own
    if not scan.device and (model.now_s < scan.again_s or own):
        return ""
    return scanners[0]


def waited_for(model: Model) -> bool:
    """Somebody has asked for what is scanned now."""
    work = model.session.work
    return work is not None and work.kind in CODES and not work.about


def noted(model: Model, answer: Answer) -> tuple[Model, bool]:
    """It has ended; whether with anything that is to be looked at."""
    scan, now_s = model.scan, model.now_s
    if not answer.mark:
        return replace(model, scan=replace(scan, device="", again_s=now_s + RETRY_S)), False
    lies = answer.mark == scan.mark and now_s - scan.seen_s < LIES_S
    model = replace(model, scan=Scan("", now_s + AGAIN_S, answer.mark, now_s))
    return model, not lies and model.session.work is None and model.session.screen not in _NOT_ON


def follow(model: Model, answer: Answer) -> Step:
    """What it means. Paper that comes before the guide has been read may lie there until it has."""
    after, effects = came(model, answer) if answer.result == "done" else (refused(model, answer), ())
    if after.session.said == GUIDE_COMING:
        after = replace(after, scan=replace(after.scan, mark=""))
    return after, effects
