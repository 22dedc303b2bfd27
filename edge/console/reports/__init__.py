"""Reports drawn from the hub's record: volumes, ratings and times, honours, the availability of devices."""
