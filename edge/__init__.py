"""The daemon of a hall node, its recorder and its tools."""

__version__ = "0.1.0"
