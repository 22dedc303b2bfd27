"""What other programs read of the console: the models of the API, its operations, and their description."""
