"""The daemon of a hall node, its recorder and its tools."""
