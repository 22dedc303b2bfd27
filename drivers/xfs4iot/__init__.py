"""Self-service terminals that speak XFS4IoT: JSON messages over WebSockets, one for each service."""
