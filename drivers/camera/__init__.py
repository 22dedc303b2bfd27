"""IP cameras: are they there, do they send, and is what they send a picture of their place."""
