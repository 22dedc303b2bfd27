"""Benchmarks: the product's figures, each beside the floor of this machine, from the same run."""
