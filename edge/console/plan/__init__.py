"""Where a hall's things stand: a floor plan as people draw it, and as the pages show it."""
