"""The hall of the samples, as it might be on a morning, and who stands there."""

from __future__ import annotations

from dataclasses import replace

from edge.wire.kiosk import (
    KioskCalled,
    KioskPriority,
    KioskReason,
    KioskReasons,
    KioskService,
    KioskView,
    KioskWindow,
)
from kiosk_ui.actions import Screen
from kiosk_ui.model import Look, Model, Place, Session, View
from kiosk_ui.panel import Panel

_SERVICES = (
    KioskService(id="estate", name="不动产登记", name_en="Real estate", ahead=7, from_min=20, to_min=35),
    KioskService(id="social", name="社会保险", name_en="Social insurance", ahead=3, from_min=5, to_min=15),
    KioskService(id="company", name="企业开办", name_en="Start a business", ahead=0, from_min=0, to_min=0),
    KioskService(id="tax", name="税务", name_en="Tax", ahead=12, from_min=35, to_min=60),
    KioskService(id="medical", name="医疗保障", name_en="Medical insurance", ahead=1, from_min=0, to_min=5),
    KioskService(id="household", name="户籍与身份证", name_en="Household and ID card", ahead=5),
    KioskService(id="permit", name="出入境证件", name_en="Travel permits", open=False, opens="13:30"),
    KioskService(id="fund", name="住房公积金提取和贷款", name_en="Housing fund", open=False),
    KioskService(id="marriage", name="婚姻登记", name_en="Marriage", ahead=2, from_min=10, to_min=20),
    KioskService(
        id="vehicle", name="车辆与驾驶证", name_en="Vehicles and licences", ahead=9, to_min=45, from_min=25
    ),
)
_PRIORITIES = (
    KioskPriority(id="service", name="现役军人、残疾军人和烈士遗属", name_en="Servicemen and their families"),
    KioskPriority(id="disabled", name="残疾人", name_en="People with disabilities"),
    KioskPriority(id="pregnant", name="孕妇和带婴儿的家长", name_en="Expecting mothers, parents of infants"),
    KioskPriority(id="senior", name="六十岁以上老人", name_en="People over 60"),
)
_WINDOWS = (
    KioskWindow(
        id="w1", name="1号窗口", state="open", rating="a10", ticket="A012", phase="called", waiting=7
    ),
    KioskWindow(id="w2", name="2号窗口", state="open", ticket="B007", phase="serving", waiting=3),
    KioskWindow(id="w3", name="3号窗口", state="open", waiting=0),
    KioskWindow(id="w4", name="4号窗口", state="paused"),
    KioskWindow(
        id="w5", name="5号窗口", state="open", ticket="A011", phase="rating", rating="a11", waiting=12
    ),
    KioskWindow(id="w6", name="6号窗口", state="closed"),
    KioskWindow(id="w7", name="咨询台", state="open", waiting=1),
)
_CALLED = (
    KioskCalled(ticket="A012", window="1号窗口"),
    KioskCalled(ticket="B007", window="2号窗口"),
    KioskCalled(ticket="A011", window="5号窗口"),
    KioskCalled(ticket="C103", window="3号窗口"),
)
MORNING = KioskView(
    hall_id="qiaocheng",
    hall="谯城区政务服务中心",
    time="2026-11-30T09:05:00",
    services=_SERVICES,
    priorities=_PRIORITIES,
    windows=_WINDOWS,
    called=_CALLED,
    scanners=("scanner",),
)
_REASONS = KioskReasons(
    indicator_version="2020",
    levels={
        "2": tuple(
            KioskReason(code=code, zh=zh, en=en)
            for code, zh, en in (
                (207, "没有提供材料样本", "No sample of the documents"),
                (209, "未在承诺时间内办结", "Not done in the promised time"),
                (210, "同样内容的证明材料被要求多次提交", "Asked for the same document more than once"),
                (212, "在线预约办理后到实体大厅重复取号排队", "Booked online, and had to queue again here"),
                (213, "窗口人员业务不熟练", "Staff did not know their business"),
                (214, "服务态度生硬", "Staff were unfriendly"),
            )
        )
    },
)
NO_PAPER = MORNING.model_copy(update={"printer": "paper_out"})
FULL = MORNING.model_copy(update={"full": True, "notice": "今天下午五点闭馆，请合理安排时间"})


def model(
    screen: Screen, panel: Panel, *, told: KioskView = MORNING, about: str = "", **session: object
) -> Model:
    """Somebody who has come from home to this screen."""
    places = tuple(dict.fromkeys((Place(Screen.HOME), Place(screen, about))))
    if screen in (Screen.ATTRACT, Screen.OUT_OF_SERVICE):
        places = (Place(screen, about),)
    return Model(
        view=View(told=told, reasons=_REASONS, reachable=True, time=told.time[:16], found=told.time),
        session=replace(Session(id="s", places=places), **session),  # type: ignore[arg-type]
        look=Look(panel=panel, telephone="0558-5112345", volumes=(0, 1, 2), scans=True),
    )
