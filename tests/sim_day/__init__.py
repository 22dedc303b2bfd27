"""Days of a hall by chance: what estimates of waits are judged on."""
