-- A backup that was put back begins a new epoch, whose events are numbered from 1 again: what was told since the
-- backup has numbers of the old one. `event.seq` goes on all the same: here are the epochs before, each with its
-- last row and its chain_after. A row's number in its epoch is its `seq` less the `last` of the epoch before it.
CREATE TABLE former (
    last INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    chain_after INTEGER NOT NULL
) STRICT;
