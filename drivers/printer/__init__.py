"""Ticket printers that speak ESC/POS, on a serial line, a TCP port or a USB printer node."""
