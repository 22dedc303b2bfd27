"""The pieces that pages are made of: pure functions from what they say to nodes."""
