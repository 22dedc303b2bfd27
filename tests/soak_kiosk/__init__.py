"""A day and a night of a kiosk in some minutes: what it takes of memory, handles and threads."""
