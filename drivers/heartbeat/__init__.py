"""Self-service terminals that tell how they are in a JSON document of their own making, over HTTP or TCP."""
