"""What the pages find in their application."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from edge.console.accounts.door import Door
from edge.console.accounts.limits import Programs
from edge.console.accounts.oidc import LoginService
from edge.console.accounts.sessions import Limits
from edge.console.desk import Desk
from edge.console.errors import Errors
from edge.console.live.session import Live
from edge.console.reports.apart import Apart
from edge.console.settings import ConsoleSettings
from edge.console.web.answers import Answers
from edge.console.web.pictures import Pictures

APART = web.AppKey("apart", Apart)
ANSWERS = web.AppKey("answers", Answers)
PICTURES = web.AppKey("pictures", Pictures)
DESK = web.AppKey("desk", Desk)
ERRORS = web.AppKey("errors", Errors)
LIVE = web.AppKey("live", Live)
PROGRAMS = web.AppKey("programs", Programs)
SETTINGS = web.AppKey("settings", ConsoleSettings)
WALL: web.AppKey[Callable[[], float]] = web.AppKey("wall")  # wall time
DOOR = web.AppKey("door", Door)
SESSIONS = web.AppKey("sessions", Limits)
FORM: web.RequestKey[Mapping[str, str]] = web.RequestKey("form")  # what was sent, where that was read
OIDC = web.AppKey("oidc", LoginService)  # absent where there is none
