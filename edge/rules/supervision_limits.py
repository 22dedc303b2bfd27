"""What each kind of warning goes by where the configuration says nothing else, and why."""

from __future__ import annotations

from edge.rules.supervision_kinds import Kind
from edge.rules.supervision_model import Rule

_FIRST, _NEXT = "大厅值班主任", "中心负责人"  # duty manager, and then the head of the centre
_QUARTER_S, _HOUR_S = 900.0, 3600.0

DEFAULTS: dict[Kind, Rule] = {
    # Half an hour is what people reckon with, an hour is when they complain. It ends at 20: calling one of
    # several who have waited as long is no end.
    "wait": Rule("wait", 30.0, 60.0, 20.0, 60.0, _QUARTER_S, _FIRST, _NEXT),
    # Nine in ten are to be served within ten minutes of their time: it warns of those who are not.
    "appointment": Rule("appointment", 10.0, 20.0, 5.0, 30.0, _QUARTER_S, _FIRST, _NEXT),
    # Per cent of the service's promise: at four fifths there is still time to help.
    "service": Rule("service", 80.0, 100.0, 50.0, 30.0, _QUARTER_S, _FIRST, _NEXT),
    # Papers are put away within two or three minutes after an act.
    "idle": Rule("idle", 5.0, 10.0, 1.0, 30.0, _QUARTER_S, _FIRST, _NEXT),
    # A window that opens late, or a break that has become long.
    "unstaffed": Rule("unstaffed", 10.0, 20.0, 1.0, 30.0, _QUARTER_S, _FIRST, _NEXT),
    # Where one citizen in ten does not come (assumed), five in a row are chance once in 100,000 calls, or in
    # four months of a hall. Nobody walks to a window and is served within 20 s.
    "unserved": Rule("unserved", 5.0, 8.0, 1.0, 0.0, _QUARTER_S, _FIRST, _NEXT, quick_s=20.0),
    # One in a thousand and one in a hundred thousand. 80 ratings are a week of a window; 60 find too little.
    # It takes a conversation and no haste, so it is escalated after a working day.
    "uniform": Rule("uniform", 3.0, 5.0, 2.0, 0.0, 8 * _HOUR_S, _FIRST, _NEXT, last=80),
    # A paper roll is changed in one minute; after a quarter of an hour somebody else has to come.
    "stopped": Rule("stopped", 3.0, 15.0, 1.0, 30.0, _QUARTER_S, _FIRST, _NEXT),
    # Due and overdue, as `edge.rules.express` says: the days are the lane's own. It is a matter of offices
    # and days, so it is escalated after a working day.
    "project": Rule("project", 1.0, 2.0, 1.0, 0.0, 8 * _HOUR_S, _FIRST, _NEXT),
    # Charges of the day. One is worth a look, three at a window are no slip; half a minute is for who pays by
    # two means, or types a wrong amount and gives it back at once.
    "fee_amiss": Rule("fee_amiss", 1.0, 3.0, 1.0, 30.0, _HOUR_S, _FIRST, _NEXT),
    "fee_without_act": Rule("fee_without_act", 1.0, 3.0, 1.0, 30.0, _HOUR_S, _FIRST, _NEXT),
    # Who pays at another counter is back within ten minutes. It ends where no act is as old as that.
    "fee_missing": Rule("fee_missing", 10.0, 60.0, 10.0, 30.0, _HOUR_S, _FIRST, _NEXT),
}
