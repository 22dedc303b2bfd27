"""`python -m tests.soak_kiosk [--hours N] [--pages N]`: a kiosk's memory through a day, and what K15 says.

Its hall is in the same process and takes some of it; what a kiosk takes alone `make bench` tells. The exit
status is 1 where it grows beyond the requirement.
"""

from __future__ import annotations

import argparse
import sys

from kiosk_ui.lean import load_app

if __name__ == "__main__":
    load_app()  # as `hall-kiosk` does, before anything loads more

from tests.soak_kiosk.day import Plan, Sample, Soak, soak

GROWN_AN_HOUR_MB = 1.0  # K15, after the first hour
GROWN_BY_PAGES_MB = 5.0
# Of a process that reads, and may begin or end just then: its pipes, and who waits for it.
READER_HANDLES, READER_THREADS = 4, 1


def misses(found: Soak) -> list[str]:
    """Each requirement that is missed, in words."""
    first, *later = found.hours
    grown = [(each.resident_mb - first.resident_mb) / count for count, each in enumerate(later, 1)]
    before, after = found.pages
    by_pages = after.resident_mb - before.resident_mb
    every = (*found.hours, *found.pages)
    said = {
        f"grown by {max(grown, default=0.0):.2f} MB an hour": max(grown, default=0.0) > GROWN_AN_HOUR_MB,
        f"grown by {by_pages:.2f} MB in the pages": by_pages > GROWN_BY_PAGES_MB,
        f"{first.handles} handles became more": max(e.handles for e in every)
        > first.handles + READER_HANDLES,
        f"{first.threads} threads became more": max(e.threads for e in every)
        > first.threads + READER_THREADS,
    }
    return [words for words, missed in said.items() if missed]


def main() -> int:
    found = argparse.ArgumentParser(prog="tests.soak_kiosk", description=__doc__)
    found.add_argument("--hours", type=int, default=24)
    found.add_argument("--pages", type=int, default=10_000)
    arguments = found.parse_args()
    sys.stdout.write(f"{'':18}{'MB':>8}{'handles':>9}{'threads':>9}\n")
    seen = soak(Plan(arguments.hours, arguments.pages), _tell)
    sys.stdout.write(
        f"{seen.citizens} citizens, {seen.touches} touches, {seen.asked:,} questions to the hall, "
        f"{arguments.pages:,} pages; {seen.took_s:.0f} s\n"
    )
    missed = misses(seen)
    sys.stdout.write("".join(f"NOT MET: {each}\n" for each in missed) or "Every requirement is met.\n")
    return 1 if missed else 0


def _tell(sample: Sample) -> None:
    row = f"{sample.name:18}{sample.resident_mb:8.2f}{sample.handles:9}{sample.threads:9}\n"
    sys.stdout.write(row)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
