"""From the model to the page that shows: a pure function, with the text's widths from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kiosk_ui.actions import Screen
from kiosk_ui.layout import Ruler
from kiosk_ui.model import Model
from kiosk_ui.node import Node
from kiosk_ui.screens import (
    access,
    attract,
    cases,
    check_in,
    dialogs,
    guide,
    guide_item,
    guide_search,
    home,
    online,
    out_of_service,
    pay,
    pin,
    position,
    queue,
    rate,
    rate_slip,
    receipts,
    services,
    tax,
    technician,
    ticket,
    visit_when,
    visits,
)
from kiosk_ui.widgets.kit import Kit

# Home leads only where there is a page.
PAGES: Mapping[Screen, Callable[[Kit], Node]] = MappingProxyType(
    {
        Screen.ATTRACT: attract.attract,
        Screen.HOME: lambda kit: home.home(kit, PAGES),
        Screen.SERVICES: services.services,
        Screen.TICKET: ticket.ticket,
        Screen.GUIDE: guide.guide,
        Screen.SEARCH: guide_search.search,
        Screen.ITEM: guide_item.item,
        Screen.NOTICE: guide_item.notice,
        Screen.CHECK_IN: check_in.check_in,
        Screen.BOOKINGS: check_in.bookings,
        Screen.POSITION: position.position,
        Screen.RATE_WINDOW: rate.rate_window,
        Screen.RATE_SLIP: rate_slip.rate_slip,
        Screen.RATE: rate.rate,
        Screen.QUEUE: queue.queue,
        Screen.ACCESS: access.access,
        Screen.ONLINE: online.online,
        Screen.CASES: cases.cases,
        Screen.CASE_NUMBER: cases.case_number,
        Screen.CASE_LIST: cases.case_list,
        Screen.CASE: cases.case,
        Screen.VISITS: visits.visits,
        Screen.VISIT: visits.visit,
        Screen.VISIT_SERVICE: visit_when.visit_service,
        Screen.VISIT_DAY: visit_when.visit_day,
        Screen.VISIT_TIME: visit_when.visit_time,
        Screen.VISIT_SURE: visits.visit_sure,
        Screen.VISIT_CANCEL: visits.visit_cancel,
        Screen.VISIT_DONE: visits.visit_done,
        Screen.TAX: tax.tax,
        Screen.TAX_CHECK: tax.tax_check,
        Screen.TAX_VALUE: tax.tax_value,
        Screen.TAX_SUM: pay.tax_sum,
        Screen.PAY: pay.pay,
        Screen.PAID: pay.paid,
        Screen.RECEIPTS: receipts.receipts,
        Screen.RECEIPT_LIST: receipts.receipt_list,
        Screen.CERTIFICATES: receipts.certificates,
        Screen.OUT_OF_SERVICE: out_of_service.out_of_service,
        Screen.PIN: pin.pin,
        Screen.TECHNICIAN: technician.technician,
    }
)


def page(model: Model, ruler: Ruler) -> Node:
    """What is to be seen: what is about to end, has been said, or is waited for, else the screen itself."""
    kit = Kit(model, ruler)
    session = model.session
    if session.ends_in_s is not None:
        return dialogs.ending(kit)
    if session.said is not None:
        return dialogs.said(kit)
    if session.work is not None and session.work.wait:
        return dialogs.working(kit)
    build = PAGES.get(model.shown)
    return dialogs.sorry(kit, kit.tr("sorry")) if build is None else build(kit)
