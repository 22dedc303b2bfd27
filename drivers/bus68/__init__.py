"""The RS-485 bus of a hall's windows: callers, rating pads, LED strips and ticket buttons on one line."""
