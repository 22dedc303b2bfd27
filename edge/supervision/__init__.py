"""The hall's supervision at work: what is measured, warned of, acknowledged and told."""
