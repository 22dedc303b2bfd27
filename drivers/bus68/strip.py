"""A text as a window strip takes it: each character with its colour (strip protocol, command A5).

An ASCII character is one byte and its colour, a Chinese one two bytes of GBK and its colour. ASCII takes one
column, Chinese two. A blank text is one space, since the manual gives an empty one no meaning.
"""

from __future__ import annotations

from drivers.bus68.codec import CMD_SHOW_TEXT, StripCommand

REPLACEMENT = b"?"  # visible, so that a missing character is noticed


def show_text(address: int, text: str, color: int, columns: int) -> StripCommand:
    """Show `text`, cut to whole characters that fit `columns`."""
    data = bytearray()
    for char in text or " ":
        code = _code(char)
        columns -= len(code)
        if columns < 0:
            break
        data += code
        data.append(color)
    return StripCommand(address, CMD_SHOW_TEXT, bytes(data))


def _code(char: str) -> bytes:
    if char.isspace():  # a line end, a tab, the wide space of Chinese text
        return b" "
    if not char.isprintable():
        return REPLACEMENT
    try:
        return char.encode("gbk")
    except UnicodeEncodeError:
        return REPLACEMENT
