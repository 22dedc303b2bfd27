"""What an order is in bytes, for the child it is meant for."""

from __future__ import annotations

from drivers.bus68.codec import FUNC_BEEP, FUNC_DISPLAY, FUNC_KEY, Frame, KeyFrame
from drivers.bus68.settings import BusSettings, Child
from drivers.bus68.strip import show_text
from drivers.messages import AskRating, Beep, Order, Outcome, Result, ShowDigits, ShowText

_BLANK = 0x0A  # a dark digit
_START_RATING = b"\x0b"  # to pad model A, with the function of a key


def frame_of(order: Order, child: Child, address: int, settings: BusSettings) -> Frame | Outcome:
    """The frame that carries out `order`, or the outcome where none is needed or none can."""
    match order, child.kind:
        case ShowText(), "strip":
            return show_text(address, order.text, settings.colors[order.color], child.columns)
        case ShowDigits(), "caller":
            return _digits(order.digits, child, address)
        case Beep(), "caller":
            return KeyFrame(address, FUNC_BEEP)
        case AskRating(), "pad" if settings.pad_model_of(child) == "A":
            return KeyFrame(address, FUNC_KEY, _START_RATING, lead=settings.pad_start_lead)
        case AskRating(), "pad":
            return Outcome(Result.DONE, detail="this model begins a rating by itself")
    return Outcome(Result.REJECTED, "unsupported", f"a {child.kind} cannot {type(order).__name__}")


def _digits(digits: str, child: Child, address: int) -> Frame | Outcome:
    """Right-aligned. A number that does not fit is refused: a part of it would be a wrong one."""
    if not all(char == " " or (char.isascii() and char.isdecimal()) for char in digits):
        return Outcome(Result.REJECTED, "bad_digits", f"{digits!r}: digits and spaces only")
    if len(digits) > child.display_digits:
        return Outcome(
            Result.REJECTED, "too_long", f"{digits!r}: the display has {child.display_digits} digits"
        )
    codes = [_BLANK if char == " " else int(char) for char in digits.rjust(child.display_digits)]
    return KeyFrame(address, FUNC_DISPLAY, bytes(codes))
