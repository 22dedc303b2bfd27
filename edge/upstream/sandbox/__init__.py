"""The services of the government network, made up: the same contract, seeded data, faults on demand.

It has its own state machines and reads every byte for itself, with nothing of the client's: what both sides
shared could not be found wrong by either.
"""
