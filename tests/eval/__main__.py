"""`python -m tests.eval [--quick] [--scenes held|tune] [--cameras N] [--days D] [--clean] [--only FAULT …]
[--encoder CODEC:BYTES] [--out FILE]`.

How well the cameras' pictures are judged: by event, fault and strength, on days of simulated time. Prints the
table and writes it as Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import get_context
from pathlib import Path

from tests.eval.encoders import CODECS
from tests.eval.episodes import Job, Outcome, evaluate
from tests.eval.table import report


def run(jobs: list[Job], processes: int) -> list[Outcome]:
    with get_context("spawn").Pool(processes) as pool:
        found = []
        for outcome in pool.imap_unordered(evaluate, jobs):
            false = "".join(f", false: {each}" for each in outcome.false)
            line = f"{outcome.camera}: {outcome.looks} looks, {outcome.took_s:.0f} s{false}"
            print(line, file=sys.stderr)  # noqa: T201 — progress
            found.append(outcome)
    return found


def _encoder(text: str) -> tuple[str, int]:
    codec, _, size = text.partition(":")
    if codec not in CODECS:
        raise argparse.ArgumentTypeError(f"no codec {codec!r}: {', '.join(CODECS)}")
    return codec, int(size)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two cameras, some hours")
    parser.add_argument(
        "--scenes", choices=("held", "tune"), default="held", help="held: those that nothing was tuned on"
    )
    parser.add_argument("--cameras", type=int, default=14)
    parser.add_argument("--first", type=int, default=0, help="of the cameras")
    parser.add_argument("--days", type=float, default=1.0, help="of simulated time, each camera")
    parser.add_argument("--clean", action="store_true", help="false events only: no fault is done")
    parser.add_argument("--only", nargs="*", default=[], help="faults, by name: these alone are done")
    parser.add_argument(
        "--encoder", type=_encoder, help="codec and bytes of a key frame, as h265:8000; else by chance"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where the tables go")
    given = parser.parse_args()
    count, days = (2, 0.75) if given.quick else (given.cameras, given.days)
    rest = not given.clean, tuple(given.only), given.encoder
    jobs = [Job(given.scenes, given.first + at, days, *rest) for at in range(count)]
    began_s = time.monotonic()
    text = report(run(jobs, given.processes))
    print(text)  # noqa: T201 — the result
    print(f"{time.monotonic() - began_s:.0f} s", file=sys.stderr)  # noqa: T201 — the result
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
