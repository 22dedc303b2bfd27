"""Lines of bytes to devices; the only importers of pyserial and evdev."""
