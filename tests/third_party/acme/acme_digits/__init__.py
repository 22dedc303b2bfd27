"""Acme's four-digit display board on RS-485."""
