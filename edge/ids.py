"""Ids of what is asked, kept or begun."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """32 hex digits that no other caller gets."""
    return uuid.uuid4().hex
