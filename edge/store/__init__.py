"""The node's memory: one SQLite database, one writer, every commit synced before anybody is told."""

from edge.store.model import (
    Draft,
    Duplicate,
    Limits,
    Recorded,
    Row,
    StoreClosed,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreInUse,
    StoreRefused,
    StoreTooNew,
)
from edge.store.store import Store

__all__ = [
    "Draft",
    "Duplicate",
    "Limits",
    "Recorded",
    "Row",
    "Store",
    "StoreClosed",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreInUse",
    "StoreRefused",
    "StoreTooNew",
]
