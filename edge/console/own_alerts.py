"""Alerts that the centre raises on a node's topics: they end with their cause, and no node knows of them."""

from __future__ import annotations

CHAIN_BROKEN = "chain_broken"
FOLLOWUP_DUE, FOLLOWUP_OVERDUE = "followup_due", "followup_overdue"
OWN = frozenset({CHAIN_BROKEN, FOLLOWUP_DUE, FOLLOWUP_OVERDUE})
