"""How hallctl speaks, whatever the command: help and errors in the language of who asks, or as JSON.

What is wrong with a command line is known before any command runs, so the language, and whether a program
asks, are read from all of it at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from drivers.checking.words import Text
from edge.diag.trouble import Trouble
from edge.diag.words import Lang, Words, system_lang
from edge.wire.plain import plain

LangOption = Annotated[Lang | None, typer.Option("--lang", help="Language; by default that of the system.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """How an answer is wanted."""

    words: Words
    as_json: bool = False

    @classmethod
    def by(cls, arguments: Sequence[str]) -> Asked:
        """A language that there is none of is what its option complains of later."""
        lang, before = system_lang(), ""
        for each in arguments:
            name, _, value = (before, "", each) if before == "--lang" else each.partition("=")
            if name == "--lang" and value in set(Lang):
                lang = Lang(value)
            before = each
        return cls(Words(lang), "--json" in arguments)


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def asked() -> Asked:
    """Of the command line that is being carried out."""
    return _asked.get() or Asked(Words(system_lang()))


def spoken(lang: Lang | None) -> Words:
    """Of a command: in the language of its own option, else as the whole of its line is asked."""
    return Words(lang) if lang else asked().words


class Speaking(TyperCommand):
    """A command."""

    def get_help(self, ctx: Any) -> str:
        from edge.diag.helping import rendered  # noqa: PLC0415 only who asks for help needs it

        return rendered(self, ctx, asked().words)


class SpeakingGroup(TyperGroup):
    """Commands, or the whole of them."""

    def get_help(self, ctx: Any) -> str:
        from edge.diag.helping import rendered  # noqa: PLC0415 as above

        return rendered(self, ctx, asked().words)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 typer's own signature; it ends the process
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        given = sys.argv[1:] if args is None else list(args)
        how = Asked.by(given)
        token = _asked.set(how)
        try:
            status = super().main(
                given, prog_name, complete_var, standalone_mode=False,
                windows_expand_args=windows_expand_args, **extra,
            )  # fmt: skip
        except Trouble as trouble:
            status = _ended(trouble, how)
        except TyperException as error:
            status = _ended(_misused(error), how)
        except typer.Abort:
            status = _ended(Trouble(Text("中断了", "it was broken off"), status=1), how)
        finally:
            _asked.reset(token)
        sys.exit(status if isinstance(status, int) else 0)


def _misused(error: TyperException) -> Trouble:
    """What is wrong with the command line, and where its right form stands."""
    from edge.diag.words_usage import USAGE  # noqa: PLC0415 only where something is wrong

    context = getattr(error, "ctx", None)
    path = context.command_path if context else "hallctl"
    said = error.format_message()
    remedy = Text(f"用法见 {path} --help", f"{path} --help says how it is used")
    return Trouble(Text(USAGE.zh(said), said), remedy, error.exit_code)


def _ended(trouble: Trouble, how: Asked) -> int:
    """Say it where it is looked for: a program reads what is printed, a person what is not piped away."""
    if how.as_json:
        typer.echo(trouble.json())
        return trouble.status
    words = how.words
    typer.echo(plain(words.pick(trouble.said.zh, trouble.said.en)), err=True)
    if remedy := words.pick(trouble.remedy.zh, trouble.remedy.en):
        typer.echo(plain(words("remedy") + remedy), err=True)
    return trouble.status
