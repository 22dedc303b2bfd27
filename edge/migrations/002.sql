-- What a part of the node has learnt and needs again after a restart, beside what happened: the view that each
-- camera is known by, for example. `owner` is "camera/<id>"; `name` is the owner's own word for it.
CREATE TABLE memory (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    at REAL NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT;
