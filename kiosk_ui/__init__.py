"""The citizens' kiosk, a client of the daemon's control socket."""
