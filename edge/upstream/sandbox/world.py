"""Who and what there is in the sandbox: drawn from its seed, the same for the same card each time."""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import dataclass

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, table 1
_CHECK = "10X98765432"


class Problem(Exception):
    """Why not, as RFC 9457 has it; `code` is the contract's."""

    def __init__(self, status: int, code: str, title: str, total_fen: int | None = None) -> None:
        super().__init__(title)
        self.status, self.code, self.title, self.total_fen = status, code, title, total_fen


@dataclass(frozen=True, slots=True)
class Citizen:
    """`id` stands for the number, which is not kept; `payer` is what papers say."""

    id: str
    payer: str


class World:
    def __init__(self, seed: int) -> None:
        self._key = f"sandbox {seed}".encode()

    def digest(self, *what: str) -> str:
        return hmac.new(self._key, "\0".join(what).encode(), hashlib.sha256).hexdigest()

    def draw(self, *what: str) -> random.Random:
        """Chance that is the same for the same thing."""
        return random.Random(self.digest(*what))

    def digits(self, count: int, *what: str) -> str:
        return f"{int(self.digest(*what), 16) % 10**count:0{count}d}"

    def citizen(self, name: str, number: str) -> Citizen:
        """Raises Problem where the check character is wrong."""
        total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
        if number[17] != _CHECK[total % 11]:
            raise Problem(404, "wrong_number", "the number's check character is wrong")
        return Citizen(self.digest("citizen", number)[:32], f"{_masked(name)} {number[-4:]}")


def _masked(name: str) -> str:
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]
