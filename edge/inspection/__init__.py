"""What a technician asks of a device from afar: what passed on its line, its counts, a check, a pattern."""
