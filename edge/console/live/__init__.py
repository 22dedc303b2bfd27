"""The fleet's present in memory, as the nodes' retained topics tell it."""
