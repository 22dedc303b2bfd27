"""Cameras: whether each is there, streams, and sees what it should."""
