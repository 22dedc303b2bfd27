"""Made-up tax office: who declares what, what is to be paid of it, and the papers of what has been paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from edge.upstream.sandbox import taxes
from edge.upstream.sandbox.bank import Bank, Payment
from edge.upstream.sandbox.taxes import Line, Obligation
from edge.upstream.sandbox.world import Citizen, Problem, World

MAX_DECLARED = 100_000  # of all: a sandbox is started afresh before
_DAYS_SHOWN = 31

Wishes = Mapping[str, Mapping[str, int]]  # the values declared, by obligation


@dataclass(slots=True)
class Declared:
    key: str
    citizen: Citizen
    wishes: Wishes
    name: str
    name_en: str
    period: str
    period_en: str
    lines: list[Line]

    @property
    def total_fen(self) -> int:
        return sum(line["amount_fen"] for line in self.lines)

    def share(self, share: str) -> int:
        return sum(line["amount_fen"] for line in self.lines if line["share"] == share)


class Revenue:
    def __init__(self, world: World, bank: Bank, today: Callable[[], date]) -> None:
        self._world = world
        self._bank = bank
        self._today = today
        self._declared: dict[str, Declared] = {}

    # --- what is owed ---
    def obligations(self, citizen: Citizen) -> list[dict[str, Any]]:
        return [taxes.told(each, self._state(each.id)) for each in self._owed(citizen).values()]

    def declare(self, citizen: Citizen, key: str, wishes: Wishes) -> dict[str, Any]:
        """Raises Problem."""
        before = self._declared.get(key)
        if before and before.citizen.id != citizen.id:
            raise Problem(403, "not_yours", "this declaration is somebody else's")
        if before and before.wishes != wishes:
            raise Problem(409, "other_declaration", "this key is another declaration's")
        declared = before or self._made(citizen, key, wishes)
        self._declared[key] = declared
        return {
            "key": key,
            "lines": declared.lines,
            "national_fen": declared.share("national"),
            "local_fen": declared.share("local"),
            "total_fen": declared.total_fen,
        }

    def _made(self, citizen: Citizen, key: str, wishes: Wishes) -> Declared:
        owed, lines = self._owed(citizen), []
        for id_, values in wishes.items():
            if id_ not in owed:
                self._not_owed(citizen, id_)
            if (state := self._state(id_)) != "to_declare":
                code = "already_paid" if state == "paid" else "in_payment"
                raise Problem(409, code, "this has been paid, or is being paid")
            _check(owed[id_], values)
            lines += owed[id_].lines(values)
        if len(self._declared) >= MAX_DECLARED:
            raise Problem(409, "sandbox_full", "the sandbox is full: start it afresh")
        return self._named(key, citizen, wishes, [owed[id_] for id_ in wishes], lines)

    @staticmethod
    def _named(
        key: str, citizen: Citizen, wishes: Wishes, chosen: list[Obligation], lines: list[Line]
    ) -> Declared:
        first, more = chosen[0], len(chosen) - 1
        name, name_en = first.kind.name, first.kind.name_en
        if more:
            name, name_en = f"{name} 等", f"{name_en} and {more} more"
        return Declared(key, citizen, wishes, name, name_en, first.period, first.period_en, lines)

    def _not_owed(self, citizen: Citizen, id_: str) -> None:
        if id_.rpartition("-")[2] != taxes.owner_of(citizen.id) and id_.split("-", maxsplit=1)[0] in _IDS:
            raise Problem(403, "not_yours", "this is owed by somebody else")
        raise Problem(404, "unknown_obligation", "nothing of this name is owed")

    def _owed(self, citizen: Citizen) -> dict[str, Obligation]:
        return taxes.obligations_of(self._world, citizen, self._today())

    def _state(self, obligation: str) -> str:
        keys = {each.key for each in self._declared.values() if obligation in each.wishes}
        payments = [each for each in self._bank.all() if each.declaration in keys]
        if any(each.is_settled for each in payments):
            return "paid"
        return "in_payment" if any(self._bank.state(p) == "open" for p in payments) else "to_declare"

    # --- what is paid ---
    def pay(self, key: str, order: Mapping[str, Any], *, dearer_fen: int) -> Payment:
        """`dearer_fen`: what it has come to cost more since it was declared. Raises Problem."""
        declared = self._declared.get(order["declaration"])
        if declared is None:
            raise Problem(404, "unknown_declaration", "nothing has been declared under this key")
        if dearer_fen:
            declared.lines = [*declared.lines, _surcharge(dearer_fen)]
        if not self._is_known(key) and order["total_fen"] != declared.total_fen:
            raise Problem(409, "amount_changed", "it is another sum now", declared.total_fen)
        if not order["total_fen"]:
            raise Problem(409, "nothing_to_pay", "nothing is to be paid")
        about = order["terminal"], order["total_fen"], declared.name
        return self._bank.pay(key, declared.key, *about, name_en=declared.name_en)

    def _is_known(self, key: str) -> bool:
        return any(each.key == key for each in self._bank.all())

    def payments_of(self, citizen: Citizen) -> list[Payment]:
        oldest = date.fromordinal(self._today().toordinal() - _DAYS_SHOWN).isoformat()
        mine = {each.key for each in self._declared.values() if each.citizen.id == citizen.id}
        found = [each for each in self._bank.all() if each.declaration in mine and each.is_settled]
        return sorted((e for e in found if e.paid_on >= oldest), key=lambda e: e.paid_on, reverse=True)[:50]

    def receipt(self, key: str) -> dict[str, Any]:
        """Raises Problem."""
        payment = self._bank.get(key)
        declared = self._declared.get(payment.declaration)
        if declared is None or not payment.is_settled:
            raise Problem(409, "not_paid", "this has not been paid")
        return self._paper("税收缴款凭证（演示）", "Tax payment receipt (SANDBOX)", "R", declared, payment)

    # --- certificates ---
    def certificates(self, citizen: Citizen) -> list[dict[str, Any]]:
        return [
            {
                "id": _certificate_id(payment),
                "name": f"税收完税证明 · {declared.name}",
                "name_en": f"Certificate of taxes paid · {declared.name_en}",
                "period": declared.period,
                "period_en": declared.period_en,
                "total_fen": payment.total_fen,
            }
            for payment, declared in self._paid(citizen)
        ]

    def certificate(self, citizen: Citizen, id_: str) -> dict[str, Any]:
        """Raises Problem."""
        for payment, declared in self._paid(citizen):
            if _certificate_id(payment) == id_:
                title, title_en = "税收完税证明（演示）", "Certificate of taxes paid (SANDBOX)"
                return self._paper(title, title_en, "C", declared, payment)
        raise Problem(404, "unknown_certificate", "there is no certificate of this name")

    def _paid(self, citizen: Citizen) -> list[tuple[Payment, Declared]]:
        """Also that of the year before, which everybody here has paid."""
        last = self._last_year(citizen)
        now = [(each, self._declared[each.declaration]) for each in self.payments_of(citizen)]
        return [*now, last][:50]

    def _last_year(self, citizen: Citizen) -> tuple[Payment, Declared]:
        obligation = next(iter(self._owed(citizen).values()))
        key = self._world.digest("last year", citizen.id)[:32]
        year = self._today().year - 1
        lines = obligation.lines({})
        kind = obligation.kind
        declared = Declared(key, citizen, {}, kind.name, kind.name_en, f"{year} 年", str(year), lines)
        total = declared.total_fen
        return Payment(key, key, total_fen=total, paid_fen=total, paid_on=f"{year}-12-15"), declared

    def _paper(
        self, title: str, title_en: str, letter: str, declared: Declared, payment: Payment
    ) -> dict[str, Any]:
        number = f"{letter}{self._world.digits(12, letter, payment.key)}"
        period = {"period": declared.period, "period_en": declared.period_en}
        lines = [line | period for line in declared.lines]
        return {
            "number": number,
            "title": title,
            "title_en": title_en,
            "payer": declared.citizen.payer,
            "lines": lines,
            "total_fen": declared.total_fen,
            "issued_on": payment.paid_on,
            "verify": f"SANDBOX {number}",
        }


_IDS = frozenset(kind.id for kind in taxes.KINDS)


def _check(obligation: Obligation, values: Mapping[str, int]) -> None:
    fields = {field.id: field for field in obligation.kind.fields}
    for id_, value in values.items():
        field = fields.get(id_)
        if field is None or not field.editable or value > taxes.highest(field):
            raise Problem(409, "wrong_value", "a value cannot be declared so")


def _surcharge(fen: int) -> Line:
    return {"name": "滞纳金", "name_en": "Late fee", "share": "local", "amount_fen": fen}


def _certificate_id(payment: Payment) -> str:
    return f"paid-{payment.key[:16]}"
