"""Made-up taxes: what somebody owes, and what comes to be paid of the values that he declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from edge.upstream.sandbox.reading import MAX_FEN
from edge.upstream.sandbox.world import Citizen, World

Values = Mapping[str, int]
Line = dict[str, Any]
YUAN = 100


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    name: str
    name_en: str
    least: int  # what is known of it, in fen or pieces, is drawn from here …
    most: int  # … to here
    unit: str = "fen"
    editable: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    id: str
    name: str
    name_en: str
    fields: tuple[Field, ...]
    lines: Callable[[Values], list[Line]]


def _split(name: str, name_en: str, amount_fen: int, national_percent: int) -> list[Line]:
    """A tax that the nation and the place share; what cannot be divided is the place's."""
    national = amount_fen * national_percent // 100
    shares = (("national", national), ("local", amount_fen - national))
    return [_line(name, name_en, share, fen) for share, fen in shares if fen or share == "local"]


def _line(name: str, name_en: str, share: str, amount_fen: int) -> Line:
    return {"name": name, "name_en": name_en, "share": share, "amount_fen": amount_fen}


def _vat(values: Values) -> list[Line]:
    vat = values["sales"] // 100
    both = _split("增值税", "Value-added tax", vat, 50)
    return [*both, _line("城市维护建设税", "City maintenance tax", "local", vat * 7 // 100)]


def _income(values: Values) -> list[Line]:
    taxed = max(0, values["income"] - values["costs"])
    return _split("个人所得税（经营所得）", "Income tax on business", taxed // 20, 60)


def _property(values: Values) -> list[Line]:
    return [_line("房产税", "Property tax", "local", values["worth"] * 7 // 10 * 12 // 1000)]


def _vehicles(values: Values) -> list[Line]:
    return [_line("车船税", "Vehicle tax", "local", values["cars"] * 360 * YUAN)]


KINDS = (
    Kind(
        "vat",
        "增值税（小规模纳税人）",
        "Value-added tax (small taxpayer)",
        (Field("sales", "销售额", "Sales", 50_000 * YUAN, 300_000 * YUAN),),
        _vat,
    ),
    Kind(
        "income",
        "个人所得税（经营所得）",
        "Income tax on business",
        (
            Field("income", "收入总额", "Income", 60_000 * YUAN, 200_000 * YUAN),
            Field("costs", "成本费用", "Costs", 20_000 * YUAN, 50_000 * YUAN),
        ),
        _income,
    ),
    Kind(
        "property",
        "房产税",
        "Property tax",
        (
            Field(
                "worth", "房产原值", "Worth of the building", 400_000 * YUAN, 900_000 * YUAN, editable=False
            ),
        ),
        _property,
    ),
    Kind(
        "vehicle",
        "车船税",
        "Vehicle tax",
        (Field("cars", "车辆数", "Cars", 1, 3, "count", editable=False),),
        _vehicles,
    ),
)
_LEAST = 2  # obligations of each citizen


@dataclass(frozen=True, slots=True)
class Obligation:
    """`id` holds whose it is, so that another's can be told from none."""

    id: str
    kind: Kind
    period: str
    period_en: str
    due: date
    known: Values

    def lines(self, values: Values) -> list[Line]:
        return self.kind.lines({**self.known, **values})


def owner_of(citizen: str) -> str:
    return citizen[:12]


def obligations_of(world: World, citizen: Citizen, today: date) -> dict[str, Obligation]:
    """Of this month, by id, by the day that each is due."""
    chance = world.draw("taxes", citizen.id)
    kinds = chance.sample(KINDS, chance.randint(_LEAST, len(KINDS)))
    month = f"{today.year}-{today.month:02d}"
    found = []
    for kind in kinds:
        known = {field.id: _round(chance.randint(field.least, field.most), field) for field in kind.fields}
        due = today.replace(day=min(28, 15 + chance.randint(0, 10)))
        id_ = f"{kind.id}-{month}-{owner_of(citizen.id)}"
        period = f"{today.year} 年 {today.month} 月"
        found.append(Obligation(id_, kind, period, f"{today:%B %Y}", due, known))
    return {each.id: each for each in sorted(found, key=lambda each: each.due)}


def told(obligation: Obligation, state: str) -> dict[str, Any]:
    kind = obligation.kind
    fields = [
        {
            "id": field.id,
            "name": field.name,
            "name_en": field.name_en,
            "unit": field.unit,
            "value": obligation.known[field.id],
            "highest": highest(field),
            "editable": field.editable,
        }
        for field in kind.fields
    ]
    named = {"id": obligation.id, "name": kind.name, "name_en": kind.name_en}
    dated = {"period": obligation.period, "period_en": obligation.period_en}
    return named | dated | {"due": obligation.due.isoformat(), "state": state, "fields": fields}


def highest(field: Field) -> int:
    return MAX_FEN if field.unit == "fen" else 99


def _round(value: int, field: Field) -> int:
    return value // YUAN * YUAN if field.unit == "fen" else value
