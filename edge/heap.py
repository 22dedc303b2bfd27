"""The memory below Python's, of glibc: what is forgotten is gone, and does not lie about until somebody needs
the room."""

from __future__ import annotations

import ctypes
import logging

MALLOC = {"M_TRIM_THRESHOLD": (-1, 1 << 17), "M_MMAP_THRESHOLD": (-3, 1 << 16), "M_ARENA_MAX": (-8, 1)}

log = logging.getLogger(__name__)


def spare() -> None:
    """From now on one arena, and what is larger than a few lines of text goes back when it is freed
    (mallopt(3))."""
    libc = ctypes.CDLL(None)
    for option, value in MALLOC.values():
        if not libc.mallopt(option, value):
            log.info("mallopt refuses %d = %d", option, value)


def give_back() -> None:
    """All pages on which nothing is any more, also between others: 4 MB after a session, in a millisecond
    (malloc_trim(3))."""
    ctypes.CDLL(None).malloc_trim(0)
