"""Rating pads, number pads, ticket buttons and wedge scanners that are USB keyboards (HID)."""
