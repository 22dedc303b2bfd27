"""A node on a full screen: its devices, one device's line as it works, windows, outbox and log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ValidationError
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Footer, RichLog, Static, TabbedContent, TabPane

from edge.control import ControlError
from edge.diag.following import AGAIN_S, ASK_S, Follower, Fresh, Refused, line_follower
from edge.diag.happened import at_of, line_of
from edge.diag.hearing import Hearing, hearing_of
from edge.diag.pieces import shown
from edge.diag.reach import Node
from edge.diag.tape import Piece
from edge.diag.view import StatusView, render_node, render_windows
from edge.diag.watching.rows import Row, detail_of, next_wrong, rows_of
from edge.diag.words import Words
from edge.wire.plain import plain

LINES = 500  # of the log and of a line that can be scrolled back to
PAGES = ("devices", "windows", "outbox", "log")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two questions: for the line that is looked at, and for all else."""

    line_s: float
    status_s: float


NEAR = Pace(0.25, 1.0)
AFAR = Pace(1.0, 2.0)  # over a network that others need, too


class Watch(App[None]):
    """`reach` opens the way to the node, again and again where it is lost."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; padding: 0 1; background: $panel; }
    TabbedContent { height: 1fr; }
    #devices { height: 1fr; min-height: 4; }
    #detail { height: auto; max-height: 5; padding: 0 1; border-top: solid $primary; }
    #line { height: 1fr; min-height: 3; border-top: solid $primary; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []  # named in the language of who looks: see on_mount

    def __init__(
        self, reach: Callable[[], AbstractAsyncContextManager[Node]], words: Words, pace: Pace
    ) -> None:
        super().__init__()
        self._reach = reach
        self._words = words
        self._pace = pace
        self._status: StatusView | None = None
        self._rows: Sequence[Row] = ()
        self._device = ""  # whose line is shown
        self._line: Follower | None = None
        self._hearing: Hearing | None = None
        self._held = False
        self._happening = (Follower("node.events", "events"), Follower("node.log", "lines"))

        # Held here: what comes while the screen is taken down finds them still.
        self._head = Static(words("first_look"), id="head", markup=False)
        self._table: DataTable[Text | str] = DataTable(id="devices", cursor_type="row", zebra_stripes=True)
        self._detail = Static("", id="detail", markup=False)
        self._passed = RichLog(id="line", max_lines=LINES, wrap=True, min_width=20)
        self._windows, self._outbox = Static("", id="windows"), Static("", id="outbox")
        self._happened = RichLog(id="log", max_lines=LINES, wrap=True, min_width=20)

    def compose(self) -> ComposeResult:
        yield self._head
        with TabbedContent(id="pages"):
            with TabPane(self._tab("devices"), id="devices-page"):
                yield self._table
                yield self._detail
                yield self._passed
            with TabPane(self._tab("windows"), id="windows-page"), VerticalScroll():
                yield self._windows
            with TabPane(self._tab("outbox"), id="outbox-page"), VerticalScroll():
                yield self._outbox
            with TabPane(self._tab("log"), id="log-page"):
                yield self._happened
        yield Footer()

    def _tab(self, page: str) -> str:
        """With its key, which the footer has no room for."""
        return f"{PAGES.index(page) + 1} {self._words(f'tab_{page}')}"

    def on_mount(self) -> None:
        words = self._words
        for number, page in enumerate(PAGES, start=1):
            self.bind(str(number), f"page('{page}')", show=False)
        self.bind("n", "next_wrong", description=words("key_next"))
        self.bind("space", "hold", description=words("key_hold"), key_display=words("key_space"))
        self.bind("q", "quit", description=words("key_quit"))
        self._table.add_columns(*(words(name) for name in ("device", "state", "heard", "conditions_short")))
        self._table.focus()
        self.run_worker(self._live(), exclusive=True)

    # ── what is asked ──

    async def _live(self) -> None:
        while True:
            try:
                async with self._reach() as node:
                    await self._ask_on(node)
            except ControlError as error:
                self._say_away(error)
                await asyncio.sleep(AGAIN_S)

    async def _ask_on(self, node: Node) -> None:
        due_s = 0.0
        while True:
            if time.monotonic() >= due_s:
                await self._ask_status(node)
                await self._ask_happening(node)
                due_s = time.monotonic() + self._pace.status_s
            await self._ask_line(node)
            await asyncio.sleep(self._pace.line_s)

    async def _ask_status(self, node: Node) -> None:
        reply = await node.request("status", {}, ASK_S)
        if reply.result == "unknown":
            raise ControlError(reply.en or reply.code, "hallctl status", "hallctl status")
        try:
            if reply.result == "done":
                self._show(StatusView.model_validate(reply.data))
            else:
                self._say(self._words.pick(reply.zh, reply.en) or reply.code)
        except ValidationError:
            self._say(self._words("other_version"))

    async def _ask_happening(self, node: Node) -> None:
        log = self._happened
        try:
            fresh = [await each.ask(node) for each in self._happening]
        except Refused as refused:  # of a daemon of another version
            self._say(plain(str(refused)))
            return
        if missed := sum(each.missed for each in fresh):
            log.write(Text(self._words("missed_lines").format(missed), style="yellow"))
        for item in sorted((item for each in fresh for item in each.items), key=at_of):
            log.write(Text(line_of(item)))

    async def _ask_line(self, node: Node) -> None:
        line = self._line
        if line is None or self._held:
            return
        try:
            fresh = await line.ask(node)
        except Refused as refused:
            self._line = None
            self._put(Text(self._words.pick(refused.reply.zh, refused.reply.en) or refused.reply.code))
            return
        if line is self._line:  # no other has been chosen meanwhile
            self._show_line(fresh)

    # ── what is shown ──

    def _say(self, text: str) -> None:
        self._head.update(Text(text))

    def _say_away(self, error: ControlError) -> None:
        self._say(plain(self._words("away").format(error)))

    def _show(self, status: StatusView) -> None:
        words, now = self._words, time.time()
        self._status = status
        hall_now = status.node.hall_time or now
        node = plain(f"{status.node.hall}/{status.node.node}  {status.node.version}")
        clock = time.strftime("%H:%M:%S", time.localtime(hall_now))
        self._rows = rows_of(status, words, now)
        wrong = sum(not row.is_well for row in self._rows)
        well = words("some_wrong").format(wrong) if wrong else words("all_well")
        self._say(f"{words('connected')}  {node}  {clock}  {well}")
        self._show_devices(self._rows)
        self._windows.update(render_windows(status, words))
        self._outbox.update(render_node(status, words, now))
        self._show_detail()

    def _show_devices(self, rows: Sequence[Row]) -> None:
        """Cell by cell, so that the row that is looked at stays where it is."""
        table = self._table
        if [key.value for key in table.rows] != [row.device for row in rows]:
            table.clear()
            for row in rows:
                table.add_row(*row.cells(), key=row.device)
            self._choose(rows[min(table.cursor_row, len(rows) - 1)].device if rows else "")
            return
        for row in rows:
            for column, cell in zip(table.columns, row.cells(), strict=True):
                if table.get_cell(row.device, column) != cell:
                    table.update_cell(row.device, column, cell, update_width=True)

    def _show_detail(self) -> None:
        if self._status is not None:
            self._detail.update(detail_of(self._status, self._device, self._words))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self._choose(event.row_key.value or "")

    def _choose(self, device: str) -> None:
        if device == self._device:
            return
        self._device = device
        self._line = line_follower(device) if device else None
        self._hearing = None
        self._passed.clear()
        self._show_title()
        self._show_detail()

    def _show_title(self) -> None:
        title = plain(self._words("line_of").format(self._device))
        held = f"  {self._words('held_on')}" if self._held else ""
        self._passed.border_title = f"{title}{held}"

    def _show_line(self, fresh: Fresh) -> None:
        if self._hearing is None:
            self._hearing = hearing_of(str(fresh.data.get("family", "")))
        missed, columns = fresh.missed, self._passed.size.width
        for item in fresh.items:
            try:
                piece = Piece.model_validate({**item, "missed": missed})
            except ValidationError:
                self._say(self._words("other_version"))
                return
            if missed:
                self._put(Text(self._words("missed").format(missed), style="yellow"))
            missed = 0
            said = "; ".join(self._hearing.hear(piece)) if self._hearing else piece.said
            self._put(shown(piece, said, self._words, columns))

    def _put(self, text: Text) -> None:
        self._passed.write(text)

    # ── keys ──

    def action_page(self, page: str) -> None:
        self.screen.set_focus(None)  # what has the focus brings its page back
        self.query_one("#pages", TabbedContent).active = f"{page}-page"
        if page == "devices":
            self._table.focus()

    def action_next_wrong(self) -> None:
        self.action_page("devices")
        row = next_wrong(self._rows, self._table.cursor_row)
        if row is not None:
            self._table.move_cursor(row=row)

    def action_hold(self) -> None:
        """What passes meanwhile is counted as missed once it goes on."""
        self._held = not self._held
        self._show_title()
