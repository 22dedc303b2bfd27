"""What a kiosk is told of the hall each second, and what it says of itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.wire.base import Lenient

MAX_NAME = 64  # characters of an id
MAX_TEXT = 256  # of a name or a sentence
MAX_ROWS = 256  # services or windows of one hall
MAX_DEVICES = 64  # that a technician pages through
MAX_CONDITIONS = 4  # of a device
MAX_OF_PERSON = 16  # appointments of one day
MAX_NOTICES = 20

Name = Annotated[str, Field(max_length=MAX_NAME)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
ClockTime = Annotated[str, Field(pattern=r"^([0-2][0-9]:[0-5][0-9])?$")]  # "13:30", "" for none


class KioskService(Lenient):
    """A service, as somebody who takes a ticket now would meet it."""

    id: Name
    name: Text
    name_en: Text = ""
    open: bool = True
    opens: ClockTime = ""  # when, where it is closed now; "" is not any more today
    ahead: Annotated[int, Field(ge=0)] = 0  # people who may be called before
    from_min: Annotated[int, Field(ge=0)] | None = None  # of the wait; None: nobody can know
    to_min: Annotated[int, Field(ge=0)] | None = None


class KioskPriority(Lenient):
    """A class of citizens that is called before others."""

    id: Name
    name: Text
    name_en: Text = ""


class KioskWindow(Lenient):
    id: Name
    name: Text
    unit: Text = ""
    services: Annotated[tuple[Name, ...], Field(max_length=MAX_ROWS)] = ()
    state: Literal["closed", "open", "paused"] = "closed"
    ticket: Name = ""  # that is called or served there
    phase: Literal["", "called", "serving", "rating"] = ""
    rating: Text = ""  # the act that may be rated there now
    waiting: Annotated[int, Field(ge=0)] = 0


class KioskCalled(Lenient):
    ticket: Name
    window: Text  # its name, as citizens know it


class KioskWords(Lenient):
    """Something to be told to everybody."""

    zh: Text
    en: Text = ""


class KioskOnline(Lenient):
    """The services of the government network, at any hour: which there are, and whether they answer."""

    services: Annotated[tuple[Name, ...], Field(max_length=16)] = ()  # of "cases", "bookings", "tax"
    up: bool = True
    since: ClockTime = ""  # when they went away, while they are
    sandbox: bool = False  # made-up data: every page says so
    notices: Annotated[tuple[KioskWords, ...], Field(max_length=MAX_NOTICES)] = ()  # of theirs, newest first
    announcements: Annotated[tuple[KioskWords, ...], Field(max_length=MAX_NOTICES)] = ()  # of longer hours


class KioskView(Lenient):
    """The answer to `kiosk.view`."""

    v: Literal[1] = 1
    hall_id: Name = ""  # what codes on paper begin with
    hall: Name = ""  # on every page: a longer one would leave no room for anything else
    time: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)?$")] = ""  # local to the hall
    services: Annotated[tuple[KioskService, ...], Field(max_length=MAX_ROWS)] = ()
    priorities: Annotated[tuple[KioskPriority, ...], Field(max_length=MAX_ROWS)] = ()
    windows: Annotated[tuple[KioskWindow, ...], Field(max_length=MAX_ROWS)] = ()
    called: Annotated[tuple[KioskCalled, ...], Field(max_length=4)] = ()  # newest first
    printer: Name = ""  # what keeps it from printing, "" while it can
    full: bool = False  # nothing can be kept: no ticket is issued
    notice: Text = ""
    catalogue: Annotated[str, Field(max_length=1024)] = ""  # the folder of the guide's items on this machine
    card_readers: Annotated[tuple[Name, ...], Field(max_length=8)] = ()  # devices that can read one now
    scanners: Annotated[tuple[Name, ...], Field(max_length=8)] = ()
    online: KioskOnline = KioskOnline()


class KioskCondition(Lenient):
    """What is wrong with a device."""

    code: Name
    zh: Text
    en: Text


class KioskDevice(Lenient):
    id: Name
    state: Name
    conditions: Annotated[tuple[KioskCondition, ...], Field(max_length=MAX_CONDITIONS)] = ()


class KioskDevices(Lenient):
    """The answer to `kiosk.devices`: those that ail first. `more`: how many are not listed."""

    v: Literal[1] = 1
    devices: Annotated[tuple[KioskDevice, ...], Field(max_length=MAX_DEVICES)] = ()
    more: Annotated[int, Field(ge=0)] = 0


class KioskReason(Lenient):
    """A reason that may be given with a rating of a level."""

    code: int
    zh: Text
    en: Text


class KioskReasons(Lenient):
    """The answer to `rating.reasons`."""

    indicator_version: Name = ""
    levels: dict[Literal["1", "2", "3", "4", "5"], tuple[KioskReason, ...]] = Field(default_factory=dict)


Phase = Literal["reserved", "waiting", "called", "serving", "held", "done", "no_show", "expired", "voided"]


class KioskTicket(Lenient):
    """What the answer to `ticket.take` and `appointment.check_in` says of a ticket."""

    ticket: Annotated[str, Field(min_length=1, max_length=16)]
    service: Name
    phase: Phase
    ahead: Annotated[int, Field(ge=0)] | None = None
    printed: bool = False


class KioskPosition(Lenient):
    """The answer to `ticket.find`: where in the queue a ticket is."""

    ticket: Annotated[str, Field(min_length=1, max_length=16)]
    service: Name
    phase: Phase
    ahead: Annotated[int, Field(ge=0)] | None = None  # of who is still to be called
    from_min: Annotated[int, Field(ge=0)] | None = None  # of the wait; None: nobody can know
    to_min: Annotated[int, Field(ge=0)] | None = None
    window: Name = ""  # where it was called last
    ratable: bool = False


class KioskRatable(Lenient):
    """The answer to `rating.find`: what an act was that may be rated."""

    ticket: Annotated[str, Field(min_length=1, max_length=16)]
    service: Name
    window: Name


class KioskAppointment(Lenient):
    ref: Annotated[str, Field(min_length=1, max_length=64)]
    service: Name
    time: ClockTime
    ticket: Name = ""  # with which it has been checked in


class KioskAppointments(Lenient):
    """The answer to `appointment.find`."""

    appointments: Annotated[tuple[KioskAppointment, ...], Field(max_length=MAX_OF_PERSON)] = ()
