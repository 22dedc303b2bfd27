"""The hub: the record of what every node of the halls has said."""
