"""What the services answer, as `config/upstream.openapi.yaml` has it: read leniently, bounded everywhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from edge.wire.base import MAX_FEN, Day, Fen, Lenient, Uid
from edge.wire.services import Lacking, OrderNumber, Share, Time

MAX_VISIT_S = 900  # that a subject lasts, and a payment is open

ServiceId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, Field(max_length=256)]
Line = Annotated[str, Field(max_length=96)]
PaymentState = Literal["open", "paid", "closed", "refunding", "refunded"]


class _Answer(Lenient):
    """Built when the first is read: a node without these services has no need of them."""

    model_config = ConfigDict(defer_build=True)


class About(_Answer):
    name: Text
    sandbox: bool
    now: Annotated[str, Field(max_length=40)]


class Notice(_Answer):
    id: ServiceId
    zh: Text
    en: Text = ""


class Notices(_Answer):
    notices: Annotated[tuple[Notice, ...], Field(max_length=20)]


# --- cases ---
class CaseStep(_Answer):
    name: Text
    name_en: Text = ""
    state: Literal["done", "current", "to_come"]
    on: Day | Literal[""] = ""


class Case(Lacking):
    """`number` is without the four characters that nobody can guess."""

    number: Annotated[str, Field(pattern=r"^[0-9]{10}$")]
    name: Text
    name_en: Text = ""
    state: Literal["accepted", "in_progress", "to_supplement", "done", "refused", "withdrawn"]
    due: Day | Literal[""] = ""
    window: Text = ""
    steps: Annotated[tuple[CaseStep, ...], Field(max_length=20)]


class Cases(_Answer):
    cases: Annotated[tuple[Case, ...], Field(max_length=50)]


# --- appointments ---
class Slot(_Answer):
    time: Time
    free: Annotated[int, Field(ge=0, le=1000)]


class Slots(_Answer):
    service: ServiceId
    day: Day
    slots: Annotated[tuple[Slot, ...], Field(max_length=96)]


class Appointment(_Answer):
    ref: Uid
    service: ServiceId
    day: Day
    time: Time


class Appointments(_Answer):
    appointments: Annotated[tuple[Appointment, ...], Field(max_length=16)]


# --- taxes ---
class DeclaredField(_Answer):
    id: ServiceId
    name: Text
    name_en: Text = ""
    unit: Literal["fen", "count"] = "fen"
    value: Fen
    highest: Fen = MAX_FEN
    editable: bool


class Obligation(_Answer):
    id: ServiceId
    name: Text
    name_en: Text = ""
    period: Text
    period_en: Text = ""
    due: Day
    state: Literal["to_declare", "in_payment", "paid"]
    fields: Annotated[tuple[DeclaredField, ...], Field(max_length=12)]


class Obligations(_Answer):
    obligations: Annotated[tuple[Obligation, ...], Field(max_length=50)]


class Declaring(_Answer):
    """Asked: one obligation, and only those values that differ from what was known."""

    id: ServiceId
    values: Annotated[dict[ServiceId, Fen], Field(max_length=12)]


class DeclaredLine(_Answer):
    name: Text
    name_en: Text = ""
    share: Share
    amount_fen: Fen


class Declaration(_Answer):
    key: Uid
    lines: Annotated[tuple[DeclaredLine, ...], Field(min_length=1, max_length=40)]
    national_fen: Fen
    local_fen: Fen
    total_fen: Fen


# --- payments ---
class Payment(_Answer):
    """How it stands there. `paid_fen` is all that was taken, `refunded_fen` what was given back of it."""

    key: Uid
    order: OrderNumber = ""
    declaration: Uid | Literal[""] = ""
    state: PaymentState
    total_fen: Fen
    paid_fen: Fen
    refunded_fen: Fen
    qr: Annotated[str, Field(max_length=512)] = ""
    expires_in_s: Annotated[int, Field(ge=0, le=MAX_VISIT_S)] = 0
    paid_on: Day | Literal[""] = ""
    name: Text = ""
    name_en: Text = ""


class Payments(_Answer):
    payments: Annotated[tuple[Payment, ...], Field(max_length=50)]


class Settlement(_Answer):
    day: Day
    payments: Annotated[tuple[Payment, ...], Field(max_length=200)]
    more: bool


# --- papers ---
class ReceiptLine(_Answer):
    name: Line
    name_en: Line = ""
    share: Share | Literal[""] = ""
    period: Line = ""
    period_en: Line = ""
    amount_fen: Fen


class Receipt(_Answer):
    """A receipt or a certificate. `payer` comes masked: "王*明 1234"."""

    number: Annotated[str, Field(pattern=r"^[A-Z0-9-]{4,32}$")]
    title: Line
    title_en: Line = ""
    payer: Annotated[str, Field(max_length=64)]
    lines: Annotated[tuple[ReceiptLine, ...], Field(max_length=40)]
    total_fen: Fen
    issued_on: Day
    verify: Annotated[str, Field(max_length=256)] = ""


class Certificate(_Answer):
    id: ServiceId
    name: Text
    name_en: Text = ""
    period: Text
    period_en: Text = ""
    total_fen: Fen


class Certificates(_Answer):
    certificates: Annotated[tuple[Certificate, ...], Field(max_length=50)]


class Subject(_Answer):
    """Who showed a card, for one visit. A secret: it is told to no log, no topic and no store."""

    subject: Annotated[Uid, Field(repr=False)]
    expires_in_s: Annotated[int, Field(ge=1, le=MAX_VISIT_S)]
