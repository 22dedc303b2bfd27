"""The rules of a hall: pure functions from a state and an input to facts and effects."""
