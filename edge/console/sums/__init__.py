"""What the pages count: the record folded to a row of each day, and the changes of devices beside it."""
