"""Finding what is wrong with a configuration, and saying so in words that a technician can act on."""
