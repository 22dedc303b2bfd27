"""Scanners of Newland at a serial line."""
