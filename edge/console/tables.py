"""The tables of the hub's record, in SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy import event as events
from sqlalchemy.types import TypeEngine

VERSION = 8  # of these tables; a program refuses a record of a later version

metadata = MetaData()

version = Table("version", metadata, Column("version", Integer, primary_key=True))


def _name(length: int) -> TypeEngine[str]:
    """Of what is sorted by: by its bytes, as SQLite does, whatever language PostgreSQL's database is of."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def _node() -> tuple[Column[str], Column[str]]:
    return Column("hall", _name(64), primary_key=True), Column("node", _name(64), primary_key=True)


def _place() -> tuple[Column[str], Column[int]]:
    # SQLite makes a lone INTEGER key its rowid; in a compound key BigInteger is an ordinary column
    return Column("epoch", _name(32), primary_key=True), Column("seq", BigInteger, primary_key=True)


# What happened, once each. Unknown kinds are kept like any other; `body` is the event's own JSON.
event = Table(
    "event",
    metadata,
    *_node(),
    *_place(),
    Column("id", String(32), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,  # the key is the table: one tree to write instead of two
)

# Up to here everything of the node's epoch is in `event`, `rejected` or `missing`, without a gap.
cursor = Table(
    "cursor",
    metadata,
    *_node(),
    Column("epoch", _name(32), primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Could not be read. With a place: counted in the cursor, so that the node is not blocked. Without (epoch "",
# seq 0): never acknowledged. `digest`: SHA-256 of `raw`, so that a repeat is kept once.
rejected = Table(
    "rejected",
    metadata,
    *_node(),
    *_place(),
    Column("digest", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("seen_at", Float, nullable=False),  # the hub's wall time
    Column("raw", Text, nullable=False),
)

# Another event came under a place that is taken: a fault, or somebody changing the past. Never overwrites.
conflict = Table(
    "conflict",
    metadata,
    *_node(),
    *_place(),
    Column("digest", String(64), primary_key=True),
    Column("seen_at", Float, nullable=False),
    Column("body", Text, nullable=False),
)

# Places that the node itself no longer could tell when it was asked.
missing = Table(
    "missing",
    metadata,
    *_node(),
    Column("epoch", _name(32), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("seen_at", Float, nullable=False),
)

# The link of the last act of the node's epoch, which the next one is to follow; none where none had one yet.
chain = Table(
    "chain",
    metadata,
    *_node(),
    Column("epoch", _name(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("link", String(64), nullable=False),
    sqlite_with_rowid=False,
)

# Acts that did not fit into their chain when they came; they are in `event` like any other. `misfit`: how.
# `told` 0: the alert has still to be published, once for an epoch.
unfit = Table(
    "unfit",
    metadata,
    *_node(),
    *_place(),
    Column("misfit", String(16), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("seen_at", Float, nullable=False),  # the hub's wall time
    Column("told", Integer, nullable=False),
)

# Places that did not fit and that somebody has looked into: by whom, and what he found. Only ever added to.
# `mark`: what was found there, so that anything else at the same place is another finding. `told` 0: the
# alert has still to be taken back.
settled = Table(
    "settled",
    metadata,
    *_node(),
    Column("epoch", _name(32), primary_key=True),
    Column("mark", String(192), primary_key=True),
    Column("seq", BigInteger, nullable=False),  # up to here all that does not fit has been settled
    Column("settled_by", String(64), nullable=False),
    Column("why", String(200), nullable=False),
    Column("settled_at", Float, nullable=False),  # wall time of the machine at which it was
    Column("told", Integer, nullable=False),
)

# A bad rating's follow-up, by the id of the rating's event. `day`: of the rating, at the hall. Never changed.
followup = Table(
    "followup",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("node", String(64), nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),  # ISO date
    Column("limits", Text, nullable=False),  # JSON: those that it was opened under
    Column("opened_at", Float, nullable=False),  # the hub's wall time
)

# What was done about it, in order from 1. Only ever added to; two cannot take the same place.
followup_step = Table(
    "followup_step",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("stage", String(16), nullable=False),
    Column("day", String(10), nullable=False),  # ISO date, where the record is
    Column("taken_by", String(32), nullable=False),
    Column("finding", String(16), nullable=False),  # "": the step has none
    Column("until", String(10), nullable=False),  # ISO date; "": likewise
    Column("note", String(200), nullable=False),
    Column("taken_at", Float, nullable=False),
)

# Reminders that have been told: of the deadline after `number` steps, "soon", "due" or "overdue".
followup_told = Table(
    "followup_told",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("standing", String(16), primary_key=True),
    Column("told_at", Float, nullable=False),
)

# Who leads of several consoles: see `lease.py`. `term`: of this taking, one more than of the one before.
lease = Table(
    "lease",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("holder", String(200), nullable=False),  # "": given back
    Column("term", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),  # counted up by the holder
)

# Reports as they were published, each version as it was: none is ever changed or taken out.
report = Table(
    "report",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("version", Integer, primary_key=True),  # from 1
    Column("made_at", Float, nullable=False),  # the hub's wall time
    Column("digest", String(64), nullable=False),  # SHA-256 of `body`
    Column("body", Text, nullable=False),
)

# What the pages count, folded from `event` beside the recording: all of it can be made again. A row a day
# that a node opened, by the place of its `day.opened`.
day_sum = Table(
    "day_sum",
    metadata,
    *_node(),
    *_place(),
    Column("day", String(10), nullable=False),  # ISO date, as the node told it
    Column("arrivals", Integer, nullable=False),
    Column("called", Integer, nullable=False),
    Column("served", Integer, nullable=False),
    Column("no_show", Integer, nullable=False),
    Column("wait_n", Integer, nullable=False),
    Column("wait_s", Float, nullable=False),
    Column("wait_max_s", Float, nullable=False),
    Column("told_n", Integer, nullable=False),
    Column("told_err_s", Float, nullable=False),
    Column("good", Integer, nullable=False),  # ratings of level 5, 4, 3
    Column("bad", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("body", Text, nullable=False),  # JSON: by hour, service and window
)

# What a node told of its devices. `before_at`: wall time of the node's event just before, 0 without one.
device_change = Table(
    "device_change",
    metadata,
    *_node(),
    *_place(),
    Column("device", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("before_at", Float, nullable=False),
    Column("state", String(32), nullable=False),
    Column("conditions", Text, nullable=False),  # JSON: a list of codes
)

# Up to here everything of the node's epoch is in the two above. `day_seq`: of the last `day.opened`, 0 where
# none was; `last_at`: wall time of the event at `last_seq`.
sum_cursor = Table(
    "sum_cursor",
    metadata,
    *_node(),
    Column("epoch", _name(32), primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_at", Float, nullable=False),
    Column("day_seq", BigInteger, nullable=False),
)

# Who may use the pages. Nobody is taken out: the trail names them for good. `hall` "": of all halls.
account = Table(
    "account",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("shown", String(32), nullable=False),  # as people know them
    Column("role", String(16), nullable=False),
    Column("hall", String(64), nullable=False),
    Column("password", String(256), nullable=False),  # Argon2id, encoded; "": nobody has chosen one
    Column("subject", String(512), nullable=False),  # at the login service: issuer and subject; "": local
    Column("totp", String(64), nullable=False),  # secret of the codes; "": none are asked for
    Column("totp_step", BigInteger, nullable=False),  # of the last code that was used
    Column("lang", String(2), nullable=False),
    Column("made_at", Float, nullable=False),
    Column("made_by", String(32), nullable=False),
    Column("disabled_at", Float),
)

# Codes for who has lost what makes the others: each once, and then it is gone.
recovery = Table(
    "recovery",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("digest", String(64), primary_key=True),  # SHA-256
)

# Browsers that are logged in, or half so: `complete` 0 has still to tell a code.
session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token, which only the browser has
    Column("account", String(32), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),  # what its forms must bring
    Column("via", String(16), nullable=False),  # password or oidc
    Column("complete", Integer, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
)

# Tokens by which programs ask in the name of an account.
token = Table(
    "token",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token, which only the program has
    Column("account", String(32), nullable=False, index=True),
    Column("label", String(32), nullable=False),  # which program's
    Column("via", String(16), nullable=False),  # how who made it had come in: password or oidc
    Column("made_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
)

# One-time ways in: the first manager's, an invitation, a new password. One of each account at most.
link = Table(
    "link",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token, which stands in the address
    Column("purpose", String(16), nullable=False),
    Column("account", String(32), nullable=False),  # "": the first manager's, who chooses the name
    Column("expires_at", Float, nullable=False),
)

# What people did by the pages, and what was refused them. Only ever added to.
act = Table(
    "act",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),  # this machine's wall time
    Column("account", String(32), nullable=False),  # "": nobody who is known
    Column("role", String(16), nullable=False),
    Column("hall", String(64), nullable=False),  # of what it was done to; "": of none
    Column("what", String(64), nullable=False),
    Column("on", String(200), nullable=False),
    Column("detail", String(500), nullable=False),
    Column("result", String(200), nullable=False),  # "ok", or why not
    Column("address", String(64), nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice
)

# What Home Assistant was told, at each broker: to be taken back when it is no more.
discovery = Table(
    "discovery",
    metadata,
    Column("broker", String(300), primary_key=True),
    Column("topic", String(400), primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("node", String(64), nullable=False),
)

Index("event_kind_at", event.c.kind, event.c.at)  # the reports ask for a kind within a month
Index(
    "event_hall_at", event.c.hall, event.c.at
)  # and people for what happened at a hall, of all kinds or one
Index("event_hall_kind_at", event.c.hall, event.c.kind, event.c.at)
Index("day_sum_day", day_sum.c.day, day_sum.c.hall)
_of_device = device_change.c
Index("device_change_device", _of_device.hall, _of_device.node, _of_device.device, _of_device.at)
Index("device_change_at", _of_device.hall, _of_device.at)
Index(  # from one device to the next, and to its newest change before a moment, without a look at the rows
    "device_change_last",
    _of_device.hall,
    _of_device.node,
    _of_device.epoch,
    _of_device.device,
    _of_device.seq,
    _of_device.at,
)
Index("act_account_id", act.c.account, act.c.id)

_KEPT = "what people did is only ever added to"
_GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS act_no_{verb.split()[0]} BEFORE {verb} "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END"
        for verb in (
            "UPDATE ON act",
            "DELETE ON act",
            # REPLACE takes the old line out without a word to the trigger above
            "INSERT ON act WHEN EXISTS (SELECT 1 FROM act WHERE id = NEW.id)",
        )
    ],
    "postgresql": [
        f"CREATE OR REPLACE FUNCTION act_kept() RETURNS trigger AS "
        f"$$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$ LANGUAGE plpgsql",
        "CREATE OR REPLACE TRIGGER act_kept BEFORE UPDATE OR DELETE ON act "
        "FOR EACH ROW EXECUTE FUNCTION act_kept()",
        "CREATE OR REPLACE TRIGGER act_not_emptied BEFORE TRUNCATE ON act "
        "FOR EACH STATEMENT EXECUTE FUNCTION act_kept()",
    ],
}


@events.listens_for(act, "after_create")
def _made(_table: Table, db: Connection, **_: object) -> None:
    guard(db)


def guard(db: Connection) -> None:
    """Not even this program changes what people did."""
    for statement in _GUARDS[db.dialect.name]:
        db.exec_driver_sql(statement)
