"""The tables of a configuration, one class each. Descriptions are what `hall-edge schema config` prints."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from annotated_types import Interval
from pydantic import ConfigDict, Field, model_validator

from drivers.checking.problems import Wrong
from drivers.checking.values import show
from drivers.checking.variables import EnvPath
from drivers.checking.words import Text
from edge.rules.holds import MAX_HOLD_MIN
from edge.rules.model import Priority, Service, Shift
from edge.rules.roster import minute_of
from edge.settings.appointments import AppointmentsTable
from edge.settings.calling import BoardsTable, VoiceTable
from edge.settings.cameras import CamerasTable
from edge.settings.express import MAX_LANES, ExpressTable
from edge.settings.fields import (
    BrokerUrl,
    Day,
    DeviceUrl,
    Hours,
    Kind,
    Name,
    Table,
    Title,
    Zone,
)
from edge.settings.guide import GuideTable
from edge.settings.items import MAX_ITEMS, ItemTable
from edge.settings.kiosks import MAX_KIOSKS, KioskTable
from edge.settings.played import PlayedTable
from edge.settings.reasons import Edition
from edge.settings.upstream import Announcements, UpstreamTable
from edge.settings.warnings import AlertsTable, WarningTable

MEBI = 1 << 20
MAX_SERVICES = 100  # of a hall: 52 windows with 398 items group them into some tens of queues
MAX_WINDOWS = 200
MAX_ROSTER = 200  # rows: one a window where each has hours of its own
MAX_WARNINGS = 100  # rows: a service with a promise of its own has its own
MAX_PRIORITIES = 16  # more than a screen can offer at a glance
MAX_DEVICES = 500
MAX_CHILDREN = 254  # addresses of one RS-485 line


class HallTable(Table):
    """The hall, as citizens know it."""

    id: Annotated[Name, Field(description="the hall's name in topics")]
    name: Annotated[Title, Field(description="what tickets and pages call it")]
    name_en: Annotated[str, Field(max_length=64, description="in English")] = ""
    timezone: Annotated[Zone, Field(description="the business day is this zone's day")] = "Asia/Shanghai"
    login_required: Annotated[
        bool, Field(description="whether a window calls only with someone logged in")
    ] = True
    rating_limit_s: Annotated[
        float, Interval(ge=5, le=600), Field(description="seconds to rate in; then the act is not rated")
    ] = 30.0
    indicator_version: Annotated[
        Edition, Field(description="edition of the table of reasons that may be given with a rating")
    ] = "2020"
    no_show_calls: Annotated[
        int,
        Interval(ge=1, le=10),
        Field(description="how often a ticket can be called before it is a no-show"),
    ] = 3
    no_show_back_after: Annotated[
        int,
        Interval(ge=0, le=100),
        Field(description="calls of the service until who missed his and came back has his turn"),
    ] = 3
    no_show_times: Annotated[
        int,
        Interval(ge=0, le=10),
        Field(description="how often a ticket can be missed and come back; then it has expired"),
    ] = 2
    hold_min: Annotated[
        int,
        Interval(ge=1, le=MAX_HOLD_MIN),
        Field(description="minutes that a ticket is put by where staff say no others"),
    ] = 10
    overtake_most: Annotated[
        int,
        Interval(ge=1, le=1000),
        Field(description="how often a ticket may be overtaken by later ones of a priority class"),
    ] = 5
    overtake_most_min: Annotated[
        float,
        Interval(ge=1, le=600),
        Field(description="minutes after the first time, and then nobody overtakes it any more"),
    ] = 20.0  # about what one who is told a wait by the half hour forgives
    call_hold_s: Annotated[
        float,
        Interval(ge=1, le=60),
        Field(description="seconds that a call stands alone, or as long as it is spoken"),
    ] = 4.0
    announce_times: Annotated[int, Interval(ge=1, le=3), Field(description="how often a call is spoken")] = 1


class NodeTable(Table):
    """This machine: where it keeps what happened, and how much of it."""

    id: Annotated[Name, Field(description="the node's name in topics, its own within the hall")]
    store: Annotated[EnvPath, Field(description="the SQLite file of all that happened here")]
    socket: Annotated[EnvPath, Field(description="the control socket of kiosk and hallctl")]
    trust_rtc: Annotated[
        bool, Field(description="take the clock as right though no time server disciplines it")
    ] = False
    allow_sim: Annotated[bool, Field(description="let simulators stand in for devices; never in service")] = (
        False
    )
    max_mb: Annotated[
        int, Interval(ge=16, le=65_536), Field(description="MiB that the store may take, its log counted")
    ] = 512
    keep_days: Annotated[
        int,
        Interval(ge=1, le=3650),
        Field(description="days that acknowledged events are kept for backfills"),
    ] = 30
    min_free_mb: Annotated[
        int,
        Interval(ge=1, le=65_536),
        Field(description="MiB left free on the disk; below it no ticket is issued"),
    ] = 32
    metrics_port: Annotated[
        int, Interval(ge=0, le=65_535), Field(description="Prometheus port on 127.0.0.1; 0 is off")
    ] = 0

    @property
    def max_bytes(self) -> int:
        return self.max_mb * MEBI

    @property
    def min_free_bytes(self) -> int:
        return self.min_free_mb * MEBI


class MqttTable(Table):
    """The way to the hub. Files are read at every connection, so that a renewed one needs no restart."""

    brokers: Annotated[
        tuple[BrokerUrl, ...],
        Field(min_length=1, max_length=8, description="tried in order, the next when one is lost"),
    ]
    ca: Annotated[
        EnvPath | None, Field(description="PEM of the authority to trust; the system's without it")
    ] = None
    cert: Annotated[EnvPath | None, Field(description="PEM of this node's certificate")] = None
    key: Annotated[EnvPath | None, Field(description="PEM of its private key")] = None
    username: Annotated[str, Field(max_length=256, description="account at the broker; empty is none")] = ""
    password_file: Annotated[EnvPath | None, Field(description="file whose first line is the password")] = (
        None
    )
    ack: Annotated[
        Literal["hub", "broker"],
        Field(description="who frees an event by its acknowledgement; the broker only where there is no hub"),
    ] = "hub"

    def read_password(self) -> str:
        """The first line of `password_file`, "" where there is none. Raises OSError, UnicodeDecodeError."""
        if self.password_file is None:
            return ""
        return self.password_file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.cert is None) != (self.key is None):
            reason = Text("cert 和 key 缺一个", "has one of cert and key without the other")
            raise Wrong(reason, Text("两个都写或都不写", "give both or neither"))
        if self.password_file and not self.username:
            reason = Text("有 password_file 而没有 username", "has a password_file without a username")
            raise Wrong(reason, Text("写上 username", "give the username"))
        secure = any(url.startswith("mqtts://") for url in self.brokers)
        if (self.ca or self.cert) and not secure:
            reason = Text(
                "有证书，却没有 mqtts:// 地址", "has certificates and no mqtts:// broker to use them"
            )
            raise Wrong(reason, Text("地址改成 mqtts://", "write the brokers as mqtts://"))
        return self


class DriversTable(Table):
    """Which drivers and device models there are beside our own."""

    allow: Annotated[
        tuple[str, ...],
        Field(max_length=32, description="third parties' drivers that may be loaded, by name"),
    ] = ()
    models: Annotated[
        tuple[EnvPath, ...],
        Field(max_length=16, description="directories of model files; a later one wins over ours"),
    ] = ()


class PrintingTable(Table):
    """Where tickets come out."""

    printer: Annotated[
        Name | Literal[""], Field(description="the device that prints tickets; empty is none")
    ] = ""


class ServiceTable(Table):
    """A queue that citizens take tickets of."""

    id: Annotated[Name, Field(description="the service's name in events")]
    name: Annotated[Title, Field(description="in Chinese, as on buttons and tickets")]
    name_en: Annotated[str, Field(max_length=64, description="in English")] = ""
    prefix: Annotated[
        str, Field(pattern="^[A-Z]{1,2}$", examples=["A"], description="letters before the number, its own")
    ]
    usual_min: Annotated[
        float,
        Interval(ge=0.5, le=240),
        Field(
            description="minutes that an act usually takes: waits are told by it until the day tells better"
        ),
    ] = 8.0
    promise_min: Annotated[
        float,
        Interval(ge=0, le=480),
        Field(description="minutes at the window within which it is promised to be done; 0 is no promise"),
    ] = 0.0

    def in_rules(self) -> Service:
        return Service(self.id, self.name, self.prefix, 60 * self.usual_min, self.promise_min)


class PriorityTable(Table):
    """A class of citizens that is called before others."""

    id: Annotated[Name, Field(description="the class's name in events and commands")]
    name: Annotated[Title, Field(description="in Chinese, as on buttons and tickets")]
    name_en: Annotated[str, Field(max_length=64, description="in English")] = ""
    strict: Annotated[bool, Field(description="whether it goes before all others")] = False
    credit_min: Annotated[
        float,
        Interval(ge=0, le=240),
        Field(description="minutes that it is taken to have come earlier", examples=[15]),
    ] = 0.0

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.strict == bool(self.credit_min):
            given = f"strict = {show(self.strict)}, credit_min = {self.credit_min:g}"
            reason = Text(f"{given}：两个要正好有一个", f"{given}: needs exactly one of them")
            raise Wrong(reason, Text("strict = true 或 credit_min = 15", "strict = true or credit_min = 15"))
        return self

    def in_rules(self) -> Priority:
        return Priority(self.id, self.name, self.strict, 60 * self.credit_min)


class WindowTable(Table):
    """A counter with staff behind it."""

    id: Annotated[Name, Field(description="the window's name in events")]
    name: Annotated[Title, Field(description="what citizens are called to")]
    services: Annotated[
        tuple[Name | Literal["*"], ...],
        Field(min_length=1, max_length=MAX_SERVICES, description='services it can call; ["*"] is all'),
    ]
    unit: Annotated[
        Title | Literal[""], Field(description="the authority whose window it is, as reports name it")
    ] = ""


class RosterTable(Table):
    """When windows are to be open. A row that names a date stands in the place of the others on it."""

    days: Annotated[
        tuple[Day, ...],
        Field(min_length=1, max_length=64, description="workdays, restdays, mon … sun, or dates"),
    ]
    hours: Annotated[
        tuple[Hours, ...], Field(max_length=8, description="spans of the day; none is a day off")
    ]
    windows: Annotated[
        tuple[Name, ...], Field(max_length=MAX_WINDOWS, description="of these; without any, of all")
    ] = ()
    services: Annotated[
        tuple[Name, ...],
        Field(max_length=MAX_SERVICES, description="what they do then; without any, all that each can"),
    ] = ()

    def in_rules(self) -> Shift:
        spans = (span.split("-") for span in self.hours)
        hours = tuple((minute_of(begin), minute_of(end)) for begin, end in spans)
        return Shift(self.days, hours, self.windows, self.services)


_Button = Annotated[str, Field(pattern="^[1-9][0-9]{0,3}$")]


class Wired(Table):
    """What ties a device, or a child on its line, to the hall."""

    id: Annotated[Name, Field(description="its own among all devices and children")]
    kind: Annotated[Kind | None, Field(description="what it is to the hall; a printer or a bus is none")] = (
        None
    )
    name: Annotated[
        Title | Literal[""], Field(description="what people call it; empty: its model's name")
    ] = ""
    window: Annotated[Name | Literal[""], Field(description="where a caller, pad or strip stands")] = ""
    services: Annotated[
        dict[_Button, Name],
        Field(
            max_length=MAX_SERVICES,
            description="of buttons: number of the button = service",
            examples=['{ 1 = "tax" }'],
            json_schema_extra={"additionalProperties": False},
        ),
    ] = Field(default_factory=dict)
    priorities: Annotated[
        dict[_Button, Name],
        Field(
            max_length=MAX_SERVICES,
            description="of buttons: number of the button = class of who presses it; without, ordinary",
            examples=['{ 2 = "elder" }'],
            json_schema_extra={"additionalProperties": False},
        ),
    ] = Field(default_factory=dict)


class ChildTable(Wired):
    """A device on a shared line. What is not named here goes to the driver, as one of `settings.children`."""

    model_config = ConfigDict(extra="allow")
    kind: Annotated[Kind, Field(description="what it is to the hall")]


class DeviceTable(Wired):
    """A device on a line of its own, or a line with children."""

    driver: Annotated[str, Field(description="the protocol family that speaks to it", examples=["printer"])]
    model: Annotated[str, Field(description="a file of models, without .toml; empty is none")] = ""
    url: Annotated[DeviceUrl, Field(description="where it is", examples=["serial:///dev/ttyUSB0?baud=9600"])]
    settings: Annotated[dict[str, Any], Field(description="the driver's own settings")] = Field(
        default_factory=dict
    )
    child: Annotated[
        tuple[ChildTable, ...], Field(max_length=MAX_CHILDREN, description="the devices on this line")
    ] = ()


class Document(Table):
    """The configuration of one node of hall-edge. A node only asks for its names."""

    model_config = ConfigDict(defer_build=True)
    hall: Annotated[HallTable, Field(description="the hall")]
    node: Annotated[NodeTable, Field(description="this machine")]
    mqtt: Annotated[MqttTable, Field(description="the way to the hub")]
    drivers: Annotated[DriversTable, Field(description="third parties' drivers and models")] = DriversTable()
    printing: Annotated[PrintingTable, Field(description="where tickets come out")] = PrintingTable()
    boards: Annotated[BoardsTable, Field(description="what boards show")] = BoardsTable()
    voice: Annotated[VoiceTable, Field(description="when calls are spoken")] = VoiceTable()
    cameras: Annotated[CamerasTable, Field(description="how cameras are judged")] = CamerasTable()
    alerts: Annotated[AlertsTable, Field(description="when devices call for somebody")] = AlertsTable()
    appointments: Annotated[AppointmentsTable, Field(description="who comes by appointment")] = (
        AppointmentsTable()
    )
    played: Annotated[PlayedTable, Field(description="a day that is played, never in service")] = (
        PlayedTable()
    )
    guide: Annotated[GuideTable, Field(description="what is told of the items")] = GuideTable()
    upstream: Annotated[UpstreamTable, Field(description="services at any hour")] = UpstreamTable()
    service: Annotated[
        tuple[ServiceTable, ...], Field(max_length=MAX_SERVICES, description="the queues")
    ] = ()
    item: Annotated[tuple[ItemTable, ...], Field(max_length=MAX_ITEMS, description="their items")] = ()
    priority: Annotated[
        tuple[PriorityTable, ...],
        Field(max_length=MAX_PRIORITIES, description="classes of citizens that go before others"),
    ] = ()
    window: Annotated[tuple[WindowTable, ...], Field(max_length=MAX_WINDOWS, description="the counters")] = ()
    roster: Annotated[
        tuple[RosterTable, ...], Field(max_length=MAX_ROSTER, description="when windows are to be open")
    ] = ()
    warning: Annotated[
        tuple[WarningTable, ...], Field(max_length=MAX_WARNINGS, description="what supervision warns of")
    ] = ()
    express: Annotated[
        tuple[ExpressTable, ...], Field(max_length=MAX_LANES, description="lanes with several approvals")
    ] = ()
    kiosk: Annotated[tuple[KioskTable, ...], Field(max_length=MAX_KIOSKS, description="the kiosks")] = ()
    extended: Announcements = ()
    device: Annotated[tuple[DeviceTable, ...], Field(max_length=MAX_DEVICES, description="the devices")] = ()
