-- One journal: `text` is the complete flat JSON of the event as it goes on the wire (Stamp and Fact in one
-- object), so the domain row and the outbox row are the same row and cannot disagree.
-- `span` > 1: the row stands for the telemetry of seq-span+1 … seq, which had to make room.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY CHECK (seq >= 1),
    span INTEGER NOT NULL DEFAULT 1 CHECK (span BETWEEN 1 AND seq),
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    act INTEGER NOT NULL CHECK (act IN (0, 1)),
    at REAL NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- Acts only: a random id costs a page of its own at each insert, and telemetry is the volume.
CREATE UNIQUE INDEX event_act_id ON event (id) WHERE act = 1;

-- The state is folded from the acts since the last day.opened.
CREATE INDEX event_act ON event (seq) WHERE act = 1;
CREATE INDEX event_day ON event (seq) WHERE kind = 'day.opened';

CREATE TABLE node (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    acked_seq INTEGER NOT NULL,
    dropped INTEGER NOT NULL
) STRICT;
INSERT INTO node VALUES (1, lower(hex(randomblob(16))), 0, 0);

-- The kept answers of commands, in order of being given.
CREATE TABLE answer (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at REAL NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- Every retained topic ever published, so that none outlives its configuration.
CREATE TABLE topic (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

PRAGMA application_id = 1212238917; -- "HALE": another program's database is told apart from ours
