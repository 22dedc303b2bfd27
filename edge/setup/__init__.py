"""`hall-edge init`: a few answers and what is plugged in become a configuration that works."""
