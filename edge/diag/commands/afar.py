"""What stands before any command that shall reach a node from afar, and its reading."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge.diag.speaking import LangOption
from edge.diag.way import Far, far

if TYPE_CHECKING:
    from edge.broker import Broker

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # one level of a topic
_FILE: Any = {"exists": True, "dir_okay": False}
MAX_PASSWORD = 4096  # bytes of its file

BrokerOption = Annotated[
    str,
    typer.Option(help="mqtt://[USER@]HOST[:PORT] or mqtts://…: reach the node over MQTT."),
]
HallOption = Annotated[str, typer.Option(help="With --broker: the hall's id.")]
NodeOption = Annotated[str, typer.Option(help="With --broker: the node's id.")]
AsOption = Annotated[
    str,
    typer.Option(
        "--as",
        help="Name under which answers come; by default the broker's user, or that in the certificate.",
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(help="What certificates of mqtts:// are trusted by; else the system's.", **_FILE),
]
CertOption = Annotated[Path | None, typer.Option(help="With mqtts://: who we are.", **_FILE)]
KeyOption = Annotated[Path | None, typer.Option(help="The key of --cert.", **_FILE)]
PasswordOption = Annotated[
    Path | None, typer.Option(help="A file whose first line is the password.", **_FILE)
]


def way(  # as `hallctl` itself is asked, before its command
    context: typer.Context,
    *,
    broker: BrokerOption = "",
    hall: HallOption = "",
    node: NodeOption = "",
    name: AsOption = "",
    ca: CaOption = None,
    cert: CertOption = None,
    key: KeyOption = None,
    password_file: PasswordOption = None,
    lang: LangOption = None,  # noqa: ARG001 read wherever it stands, see edge.diag.speaking
) -> None:
    far.set(None)
    if not broker:
        if hall or node or name or ca or cert or key or password_file:
            raise typer.BadParameter(
                "--hall, --node, --as, --ca, --cert, --key, --password-file: with --broker"
            )
        return
    if context.invoked_subcommand in context.obj:
        raise typer.BadParameter(f"{context.invoked_subcommand} looks at this machine: it takes no --broker")
    if not hall or not node:
        raise typer.BadParameter("--hall and --node say which node is meant")
    if (cert is None) != (key is None):
        raise typer.BadParameter("--cert and --key go together")
    reached = _broker(broker, password_file)
    shown = _common_name(cert) if cert else ""
    client = name or reached.user or shown or "technician"
    for option, value in (("--hall", hall), ("--node", node), ("--as", client)):
        if not _NAME.fullmatch(value):
            raise typer.BadParameter(
                f"{value!r}: small letters, digits, - and _, at most 64", param_hint=option
            )
    from edge.broker import Tls  # noqa: PLC0415 who is at the node needs none of this

    far.set(Far(reached, Tls(ca, cert, key), hall, node, client))


def _broker(url: str, password_file: Path | None) -> Broker:
    from dataclasses import replace  # noqa: PLC0415 as above

    from edge.broker import Broker  # noqa: PLC0415 as above

    try:
        broker = Broker.parse(url)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--broker") from None
    return replace(broker, password=_password(password_file)) if password_file else broker


def _password(path: Path) -> str:
    try:
        with path.open("rb") as file:
            lines = file.read(MAX_PASSWORD).decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}", param_hint="--password-file") from None
    if not lines or not lines[0]:
        raise typer.BadParameter(f"{path} is empty", param_hint="--password-file")
    return lines[0]


def _common_name(cert: Path) -> str:
    """Of a technician's certificate: what another may, the broker's access list says, and it says it by
    keeping silent."""
    from edge.ca.authority import Issued  # noqa: PLC0415 loaded for those who show a certificate
    from edge.ca.names import Role  # noqa: PLC0415 as above

    try:
        shown = Issued.read(cert.read_bytes())
    except (OSError, ValueError) as error:
        hint = "if it is another authority's, say its common name with --as"
        raise typer.BadParameter(f"{cert}: {error}; {hint}", param_hint="--cert") from None
    if shown.role not in (None, Role.TECHNICIAN):
        raise typer.BadParameter(
            f"This is the certificate of a {shown.role} ({shown.name}): a technician's is needed to command "
            "(hallctl broker provision --technician NAME)",
            param_hint="--cert",
        )
    return shown.name
