"""`make bench-cameras`: what looking at 146 cameras costs, each figure beside its bound and the naive way."""
