"""A ticket printer's settings. A model's profile sets most of them, a device's own settings the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

from drivers.printer.status import EPSON, StatusBit

CELL_DOTS = 12  # a font A character is 12 dots wide, a Chinese one 24
HEARTBEAT_S = 5.0
EM_DOTS = 24  # the height of both


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    # --- paper and text ---
    columns: Annotated[int, Interval(ge=16, le=64)] = 48  # font A: 48 on 80 mm, 32 on 58 mm
    # Lines below this size are enlarged: 24 dots at 203 dpi are 8.5 pt, and a slip's text must have 10 pt.
    min_size: Annotated[int, Interval(ge=1, le=8)] = 2
    charset: Literal["gb2312", "gbk", "gb18030"] = "gbk"  # what the printer's font has; the rest is drawn
    fonts: tuple[str, ...] = ()  # paths, for drawn lines, tried before those that are installed anyway
    qr: Literal["native", "raster"] = "native"
    # A raster band is one command: no status can be asked inside it. 1024 bytes take 1.1 s at 9600 baud.
    band_bytes: Annotated[int, Interval(ge=128, le=4096)] = 1024
    cut_feed: Annotated[int, Interval(ge=0, le=255)] = 0  # beyond the cutter, in vertical motion units
    # --- status ---
    # What the line carries, 960 at 9600 baud: no status is asked while earlier bytes may be on their way.
    line_bytes_per_s: Annotated[int, Interval(ge=120, le=10_000_000)] = 960
    asb: bool = True  # the printer tells every change by itself
    heartbeat_s: Annotated[float, Interval(ge=0.05, le=60)] = HEARTBEAT_S
    # Longer than the slowest answer: they carry no number, so a later one would pass for the next query's.
    answer_timeout_s: Annotated[float, Interval(ge=0.02, le=10)] = 1.0
    tries: Annotated[int, Interval(ge=1, le=10)] = 3  # unanswered queries before the printer counts as silent
    silent_limit_s: Annotated[float, Interval(ge=0.1, le=600)] = 60.0  # then the line is opened afresh
    bad_frames: Annotated[int, Interval(ge=5, le=1000)] = 50  # budget; one is given back every second
    status: tuple[StatusBit, ...] = EPSON
    # --- jobs ---
    # From the last byte to the print-done answer: 4 KiB in a line's buffer take 4.3 s at 9600 baud.
    job_timeout_s: Annotated[float, Interval(ge=0.2, le=120)] = 20.0
    recovery: Literal[1, 2] = 2  # DLE ENQ n after a cleared jam: 1 prints the rest of the job, 2 forgets it
    # How the rest of a broken job is taken out of the printer: DLE DC4 8, DLE ENQ 2 (only honoured after a
    # recoverable error), or not at all. Whatever is left is marked void and cut off before the next slip.
    clear: Literal["dc4", "enq", "none"] = "enq"
    recover_every_s: Annotated[float, Interval(ge=0.05, le=600)] = 10.0  # each try moves the cutter

    @property
    def dots(self) -> int:
        """The printable width."""
        return self.columns * CELL_DOTS
