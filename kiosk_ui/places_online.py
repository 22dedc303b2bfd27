"""Which screens are of the services of the government network."""

from __future__ import annotations

from kiosk_ui.actions import Screen

PAYING = frozenset({Screen.PAY, Screen.PAID})
OF_CASES = frozenset({Screen.CASES, Screen.CASE_NUMBER, Screen.CASE_LIST, Screen.CASE})
OF_VISITS = frozenset(
    {Screen.VISITS, Screen.VISIT, Screen.VISIT_SERVICE, Screen.VISIT_DAY, Screen.VISIT_TIME}
    | {Screen.VISIT_SURE, Screen.VISIT_CANCEL, Screen.VISIT_DONE}
)
OF_TAXES = frozenset(
    {Screen.TAX, Screen.TAX_CHECK, Screen.TAX_VALUE, Screen.TAX_SUM, Screen.CERTIFICATES}
    | {Screen.RECEIPTS, Screen.RECEIPT_LIST}
)
ONLINE = frozenset({Screen.ONLINE}) | OF_CASES | OF_VISITS | OF_TAXES | PAYING
