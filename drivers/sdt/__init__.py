"""Resident identity card readers with an SDT module, on a serial line at 115200 8N1."""
