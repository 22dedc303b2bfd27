"""What a technician sends to who helps him: only what a list allows, no person's own, no secret."""
