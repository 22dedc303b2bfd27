"""How Chinese is read, told by a process of its own: the dictionaries take 56 MB, and a kiosk has 80 in all.

`python -m kiosk_ui.pinyin` answers every line of its input, a JSON list [what, texts], by one with a list of
as many: "initials", for each character the letters that its reading may begin with; "tones", one string of
syllables with the numbers of their tones, as espeak-ng's voice cmn-latn-pinyin takes them.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

MAX_LINE = 4 << 20  # bytes: the names of 20,000 items
ANSWER_S = 20.0  # the dictionaries take 0.3 s to load on a quiet machine
What = Literal["initials", "tones"]


class NoPinyin(Exception):
    """Nobody tells how it is read; says why."""


class Pinyin:
    """The process, started when it is first asked and again where it has ended. One question at a time."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()

    async def ask(self, what: What, texts: Sequence[str]) -> list[Any]:
        """As many answers as there are texts. Raises NoPinyin."""
        line = json.dumps([what, list(texts)]).encode() + b"\n"
        async with self._asking:
            try:
                async with asyncio.timeout(ANSWER_S):
                    answer = json.loads(await self._answer(line))
            except (OSError, ValueError, asyncio.LimitOverrunError) as error:
                await self.close()  # a late answer must not pass for the next question's
                raise NoPinyin(f"{type(error).__name__}: {error}") from error
            except asyncio.CancelledError:
                await self.close()
                raise
        if not isinstance(answer, list) or len(answer) != len(texts):
            raise NoPinyin(str(answer)[:200])
        return answer

    async def _answer(self, line: bytes) -> bytes:
        if self._process is not None and self._process.returncode is not None:
            await self.close()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "kiosk_ui.pinyin"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=MAX_LINE,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line)
        await self._process.stdin.drain()
        return await self._process.stdout.readuntil(b"\n")

    async def close(self) -> None:
        """End it; it is started again by the next question."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        assert process.stdin is not None
        process.stdin.close()
        ending = asyncio.ensure_future(process.communicate())
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await ending  # a moment: it has been killed
            raise


# --- the process: the dictionaries are imported in it only ---
MARK, RARE = "-", "?"  # for pypinyin, which wants a letter of everything
MAX_COUNTED = 3  # digits of what is read as a number: longer ones are years, telephones and items
_DIGITS = "零一二三四五六七八九"
_TENS = ("", "十", "百")


def initials(text: str) -> list[str]:
    from pypinyin import Style, pinyin  # noqa: PLC0415 as said above

    each_own: Any = lambda other: [*map(_own, other)]  # noqa: E731 a list is allowed, and not in its types
    read = pinyin(text, style=Style.FIRST_LETTER, heteronym=True, errors=each_own)
    letters = ("".join(sorted({each[:1].lower() for each in readings})) for readings in read)
    return [each.replace(RARE, "") for each in letters if each != MARK]


def _own(char: str) -> str:
    """Of what pypinyin cannot read: a letter or digit is itself."""
    if char.isascii() and char.isalnum():
        return char
    return RARE if char.isalpha() else MARK


def tones(text: str) -> str:
    """Letters as they are called in China. A rare character has no reading here and is passed over."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 as said above

    from drivers.voice.make import LETTERS  # noqa: PLC0415 as said above

    def own(other: str) -> Any:  # a list is allowed, and not in its types
        return [LETTERS.get(char.upper(), _PAUSES.get(char, "")) for char in other]

    text = re.sub(r"[0-9]+", lambda digits: spoken(digits[0]), text)
    return " ".join(filter(None, lazy_pinyin(text, Style.TONE3, errors=own, neutral_tone_with_five=True)))


_PAUSES = dict.fromkeys("，、；：—…", ",") | dict.fromkeys("。！？\n", ".")


def spoken(digits: str) -> str:
    """A count as a number, 20 二十; anything longer or with a zero before it digit by digit."""
    if digits == "0" or len(digits) > MAX_COUNTED or digits[0] == "0":
        return "".join(_DIGITS[int(digit)] for digit in digits)
    said = ""
    for place, digit in enumerate(digits):
        ten = _TENS[len(digits) - place - 1]
        if digit != "0":
            said += _DIGITS[int(digit)] + ten
        elif not said.endswith("零"):
            said += "零"
    said = said.rstrip("零")
    return said.removeprefix("一") if said.startswith("一十") else said


def answers(lines: Iterable[str]) -> Iterable[str]:
    """To each question its answer; to one that makes no sense its fault."""
    for line in lines:
        try:
            what, texts = json.loads(line)
            read = {"initials": initials, "tones": tones}[what]
            yield json.dumps([read(text) for text in texts])
        except (ValueError, KeyError, TypeError, ImportError) as error:
            yield json.dumps({"error": f"{type(error).__name__}: {error}"})


def main() -> None:
    for answer in answers(sys.stdin):
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
