"""The demonstration: the unmodified daemon, hub and broker, with simulated devices at real serial lines."""
