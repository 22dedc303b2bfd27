"""From values to HTML, by Jinja2 with everything escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from yarl import URL

from edge.console.accounts.roles import Act
from edge.console.charts.chart import percent
from edge.console.web.keys import DESK, SETTINGS, WALL
from edge.console.web.visit import VISIT, Visit
from edge.console.web.words import WORDS
from edge.rules.rates import Share
from edge.wire.plain import plain

NAVIGATION = (  # path, words, who may
    ("/", "nav.overview", Act.SEE),
    ("/ratings", "nav.ratings", Act.SEE_RATINGS),
    ("/reports", "nav.reports", Act.REPORTS),
    ("/events", "nav.events", Act.SEE_EVENTS),
    ("/audit", "nav.audit", Act.SEE_AUDIT),
    ("/accounts", "nav.accounts", Act.ACCOUNTS),
)
FOLDER = Path(__file__).parent
READS = frozenset({"GET", "HEAD", "OPTIONS"})  # change nothing, so any page may lead to them
LONGEST = 200  # characters of a stranger's text on a page
EARLIEST_S, LATEST_S = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100: other times are a wrong clock


def cut(text: object, longest: int = LONGEST) -> str:
    """A stranger's text as it can be shown: its control characters seen, its length bounded."""
    shown = plain(str(text)[: longest + 1])
    return shown if len(shown) <= longest else shown[:longest] + "…"


@pass_context
def when(context: Context, wall_s: float | None, form: str = "%m-%d %H:%M:%S") -> Markup:
    """A moment in the centre's time, which the page's script shows as an age beside `data-age`."""
    if wall_s is None or not EARLIEST_S <= wall_s < LATEST_S:
        return Markup("<span class=never>—</span>")
    local = datetime.fromtimestamp(wall_s, context["zone"])
    iso = datetime.fromtimestamp(wall_s, UTC).isoformat(timespec="milliseconds")
    return Markup('<time datetime="{}" data-at="{}">{}</time>').format(
        iso, f"{wall_s:.3f}", local.strftime(form)
    )


@pass_context
def age(context: Context, wall_s: float | None) -> Markup:
    """How long ago, as at the time of the page; its script keeps it going."""
    if wall_s is None or not EARLIEST_S <= wall_s < LATEST_S:
        return Markup("<span class=never>—</span>")
    told = ago(context["visit"], context["now_s"] - wall_s)
    return Markup('<time class="age" data-age="{}">{}</time>').format(f"{wall_s:.3f}", told)


def ago(visit: Visit, seconds: float) -> str:
    """As static/ages.js says it too."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return visit.t(f"age.{unit}", n=int(seconds // size))
    return visit.t("age.s", n=max(0, int(seconds)))


def moment(value: object) -> float | None:
    """A stranger's value, if it is a number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def share(of: Share) -> str:
    return percent(of.k, of.n)


def minutes(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds / 60:.0f}"


@lru_cache(maxsize=1)
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(cut=cut, when=when, age=age, minutes=minutes, moment=moment, share=share)
    made.globals.update(Act=Act, WORDS=WORDS, nav=NAVIGATION)
    return made


def html(app: web.Application, visit: Visit, template: str, **values: object) -> str:
    """`template` with `values`, and with what every one may use: visit, t, zone, now_s, settings, stuck."""
    settings = app[SETTINGS]
    return (
        environment()
        .get_template(template)
        .render(
            visit=visit,
            t=visit.t,
            zone=ZoneInfo(settings.timezone),
            now_s=app[WALL](),
            settings=settings,
            stuck=app[DESK].keeping.stuck_since_s,
            **values,
        )
    )


class _Page(web.Response):
    """Lets go of its text when that is sent. The server keeps the last answer on a connection until the next,
    and where the browser's stream follows on it, that is for as long as somebody watches: 200 KB for each."""

    async def write_eof(self, data: bytes = b"") -> None:
        await super().write_eof(data)
        self.body = None


def page(request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A whole page. `here`: its path, for what the navigation marks; `other_lang`: the same in the other
    language."""
    text = html(
        request.app, request[VISIT], template, here=request.path, other_lang=_other_lang(request), **values
    )
    return _Page(text=text, status=status, content_type="text/html")


def _other_lang(request: web.Request) -> str:
    """Its address. The answer to a form is no page that can be asked for again: then the form's own, without
    what was written in it, else the first."""
    lang, known = "en" if request[VISIT].lang == "zh" else "zh", request.match_info.route.resource
    here = request.rel_url if request.method in READS else request.rel_url.with_query(None)
    asked_for = request.method in READS or any(route.method == "GET" for route in known or ())
    ours = asked_for and not request.path.startswith("//")  # which a browser takes for another site
    return str((here if ours else URL("/")).update_query(lang=lang))
