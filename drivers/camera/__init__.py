"""Cameras: are they there, do they send, and is what they send a picture of what they are to watch."""
