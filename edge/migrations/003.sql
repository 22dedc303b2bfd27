-- The chain of the acts: from here on each act's text ends with what it follows and its own link.
-- `chain_after`: seq of the last act before, which has none. `pruned_seq`: the last that is kept no more, and
-- `pruned_link` the link of the last act among those ('': none had one), which the first act that stays follows.
ALTER TABLE node ADD COLUMN chain_after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN pruned_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN pruned_link TEXT NOT NULL DEFAULT '';
UPDATE node SET
    chain_after = (SELECT coalesce(max(seq), 0) FROM event WHERE act = 1),
    pruned_seq = (SELECT coalesce(min(seq - span + 1) - 1, acked_seq) FROM event);
