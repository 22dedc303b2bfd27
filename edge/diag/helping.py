"""The help of hallctl's commands, in the language of who asks, in lines as wide as his terminal."""

from __future__ import annotations

import inspect
import io
import re
import shutil
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from edge.diag.words import Lang, Words
from edge.diag.words_help import HELP

if TYPE_CHECKING:
    import typer
    from typer.core import TyperCommand, TyperGroup

WIDEST = 110  # columns: longer lines are hard to read
_PIECES = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}
_BESIDE = re.compile(r"(?:^|  )\[([^][]*)\]$")  # what typer says of a value, behind its help


def paragraphs(text: str) -> list[str]:
    """Of a docstring, each in one line."""
    return [" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n") if each.strip()]


def said(text: str, lang: Lang) -> str:
    """A paragraph as it is told in this language. They are written in English, and what has no Chinese is
    left so."""
    return HELP.get(text, text) if lang is Lang.ZH else text


def rendered(command: TyperCommand | TyperGroup, context: typer.Context, words: Words) -> str:
    """All of it, without colours."""
    out = io.StringIO()
    width = min(shutil.get_terminal_size().columns, WIDEST)
    console = Console(file=out, width=width, color_system=None, highlight=False, markup=False, emoji=False)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    for english, chinese in _PIECES.items() if words.lang is Lang.ZH else ():
        usage = usage.replace(english, chinese)
    console.print(words.pick("用法：", "Usage: ") + usage)
    for each in paragraphs(command.help or ""):
        console.print(Padding(Text(f"\n{said(each, words.lang)}"), (0, 0, 0, 2)))
    for heading, rows in _sections(command, context, words):
        console.print(f"\n{heading}")
        console.print(Padding(_table(rows), (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().split("\n"))


def _sections(
    command: TyperCommand | TyperGroup, context: typer.Context, words: Words
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
    for each in command.get_params(context):
        if (record := each.get_help_record(context)) is not None:
            found[each.param_type_name].append((record[0], _beside(record[1], words)))
    if found["argument"]:
        yield words.pick("参数：", "Arguments:"), found["argument"]
    yield words.pick("选项：", "Options:"), found["option"]
    commands = getattr(command, "commands", {})
    if commands:
        listed = [
            (name, said(each.short_help or paragraphs(each.help or "")[0], words.lang))
            for name, each in commands.items()
        ]
        yield words.pick("命令：", "Commands:"), listed


def _beside(told: str, words: Words) -> str:
    """Of an option: its help, and what typer says of its value."""
    found = _BESIDE.search(told)
    text = said(told[: found.start()] if found else told, words.lang)
    if not found:
        return text
    beside = found[1]
    if words.lang is Lang.ZH:
        beside = beside.replace("default: ", "默认 ").replace("required", "必填")
    return f"{text} [{beside}]".strip()


def _table(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, text)
    return table
