"""How Home Assistant reads this project's own retained topics: Jinja that it renders with each message.

Constants, all of them: no text that came over a broker ever becomes part of one. What a message lacks, or one
that is none, is a state that is not known, never an error in its log.
"""

from __future__ import annotations

_TOLD = "(value_json | default({}))"
_SHORT = "truncate(255, true, '…', 0)"  # the longest state that it keeps
_IS_BAD = "['degraded', 'backoff', 'misconfigured', 'faulted']"
_CODES = f"({_TOLD}.conditions | default([]) | map(attribute='code') | list)"
PAPER_CODES = ("paper_near_end", "paper_low", "paper_out")


def _on(condition: str) -> str:
    return f"{{{{ 'ON' if {condition} else 'OFF' }}}}"


# ── of a node ──
AVAILABLE = f"{{{{ 'online' if {_TOLD}.state in ['ready', 'draining'] else 'offline' }}}}"
CONNECTED = _on(f"{_TOLD}.state in ['init', 'ready', 'draining']")
WAITING = f"{{{{ {_TOLD}.services | default([]) | sum(attribute='waiting') }}}}"
LONGEST_WAIT_S = (
    f"{{{{ ([0] + ({_TOLD}.services | default([]) | map(attribute='oldest_wait_s') | list))"
    " | max | round(0) | int }}"
)
CAMERAS_OK = f"{{{{ ({_TOLD}.states | default({{}})).ok | default(0) }}}}"
CAMERAS_BAD = _on(f"(({_TOLD}.states | default({{}})).fault | default(0)) > 0")
UNSENT = f"{{{{ ({_TOLD}.outbox | default({{}})).rows | default('None') }}}}"
MEMORY_MB = f"{{{{ {_TOLD}.rss_mb | default('None') }}}}"

# ── of a device ──
STATE = f"{{{{ {_TOLD}.state | default('None') }}}}"
PROBLEM = _on(
    f"{_TOLD}.state in {_IS_BAD} or {_TOLD}.conditions | default([])"
    " | selectattr('severity', 'in', ['warning', 'error']) | list"
)
CONDITIONS = f"{{{{ {_CODES} | unique | join(', ') | default('ok', true) | {_SHORT} }}}}"
PAPER_LOW = _on(f"{_CODES} | select('in', {list(PAPER_CODES)}) | list")

# ── of a camera ──
PICTURE_BAD = _on(f"{_TOLD}.state == 'fault'")
FAULTS = (
    f"{{{{ {_TOLD}.troubles | default([]) | map(attribute='fault') | unique | join(', ')"
    f" | default('ok', true) | {_SHORT} }}}}"
)

# ── what is asked of a device: `value` is its id. Home Assistant's own clock makes the id of the request ──
RESTART_S = 60  # later than this nobody wants it any more
RESTART = (
    '{"id": "{{ \'%020x%012x\' | format((as_timestamp(now()) * 1000000) | int, range(99999) | random) }}", '
    '"verb": "device.restart", "args": {"device": "{{ value }}"}, '
    f'"expires": {{{{ as_timestamp(now()) + {RESTART_S} }}}}}}'
)
