"""Templates: HTML from what a page read; everything is escaped unless it is markup of ours."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from cinegraph import __version__, clock, words
from cinegraph.monitoring.titles import title_of
from cinegraph.scrubbing import scrub
from cinegraph.web.actions import BY_KEY
from cinegraph.web.assets import Assets
from cinegraph.web.pages import PAGES, Page
from cinegraph.web.security.access import Role, Visitor

TONES: Mapping[str, str] = {
    "available": "quiet",
    "scheduled": "quiet",
    "executing": "busy",
    "running": "busy",
    "importing": "busy",
    "retryable": "warn",
    "paused": "warn",
    "cancelled": "warn",
    "absent": "quiet",
    "completed": "good",
    "fresh": "good",
    "met": "good",
    "idle": "good",
    "missed": "bad",
    "failed": "bad",
    "discarded": "bad",
    "quarantined": "bad",
    "critical": "bad",
    "warning": "warn",
    "notice": "busy",
    "current": "good",
    "joined": "good",
    "left": "warn",
    "unreachable": "bad",
    "unreadable": "bad",
    "private": "warn",
    "empty": "warn",
    "shrunken": "warn",
}
"""How a state looks; what is not named here is quiet."""
_IN_BRACES = re.compile(r"{(\w+)(?::\w+)?}")
_IN_QUOTES = re.compile("`([^`]+)`")
_SPARK_WIDTH, _SPARK_HEIGHT = 100, 24


class Renderer:
    """Makes pages."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=PackageLoader("cinegraph.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "count": lambda number: f"{number:,}",
            "ago": _ago,
            "moment": _moment,
            "duration": _duration,
            "share": _share,
            "size": words.size,
            "marked": _marked,
            "money": words.money,
            "tone": lambda state: TONES.get(str(state), "quiet"),
            "plain": lambda text: str(text).replace("_", " "),
            "points": spark_points,
            "filled": fill_path,
            "asking": ask_with,
        }
        self._environment.globals |= {
            "asset": assets.path_of,
            "version": __version__,
            "menu": menu(),
            "title_of": title_of,
            "count_of": words.count,
            "share_of": words.percent,
            "actions": BY_KEY,
            "may": _may,
            "Role": Role,
        }

    def page(
        self,
        request: Request,
        page: Page,
        context: Mapping[str, Any],
        *,
        visitor: Visitor,
        flash: str | None = None,
    ) -> HTMLResponse:
        """Return a page; only what changes on it when a page that is open asks again."""
        values = {
            **context,
            "page": page,
            "visitor": visitor,
            "path": request.url.path,
            "address": _address(request),
            "query": request.query_params,
            "read_at": clock.now(),
            "flash": flash,
        }
        is_part = "hx-request" in request.headers
        layout = "bare.html" if is_part else "base.html"
        template = self._environment.get_template(f"pages/{page.name}.html")
        body = template.render(values, layout=layout)
        return HTMLResponse(scrub(body), headers={"Vary": "HX-Request"})

    def plain(self, name: str, status: int, values: Mapping[str, Any]) -> HTMLResponse:
        """Return a page outside of the menu: signing in, an error, a question before an action."""
        body = self._environment.get_template(name).render(values)
        return HTMLResponse(scrub(body), status)


def menu() -> Sequence[tuple[str, Sequence[Page]]]:
    """Return the pages of the menu by section, in order."""
    sections: dict[str, list[Page]] = {}
    for page in PAGES:
        if page.section is not None:
            sections.setdefault(page.section, []).append(page)
    return list(sections.items())


def fill_path(path: str, arguments: Mapping[str, object]) -> str:
    """Return the path of an action with what stands in braces filled in."""
    return _IN_BRACES.sub(lambda found: quote(str(arguments[found[1]]), safe=""), path)


def ask_with(values: Mapping[str, object]) -> str:
    """Return what stands behind the question mark of an address; what is unset is left out."""
    return urlencode(
        {name: value for name, value in values.items() if value is not None}
    )


def spark_points(values: Sequence[float | None]) -> str:
    """Return the points of a line of *values* from left to right in a box of 100 by 24, 0 at its bottom."""
    known = [value or 0.0 for value in values]
    if not known:
        return ""
    top = max(*known, 1e-9) if len(known) > 1 else max(known[0], 1e-9)
    step = _SPARK_WIDTH / max(len(known) - 1, 1)
    return " ".join(
        f"{place * step:.1f},{_SPARK_HEIGHT - 1 - value / top * (_SPARK_HEIGHT - 2):.1f}"
        for place, value in enumerate(known)
    )


@pass_context
def _may(context: Context, action: str) -> bool:
    """Return whether who looks may do an action; a button is not a right, the action looks again."""
    visitor: Visitor = context["visitor"]
    return visitor.role >= BY_KEY[action].role


@pass_context
def _ago(context: Context, at: datetime | date | None, *, real: bool = False) -> Markup:
    """How long ago, with the moment itself to hover; *real*: of real time, not Cinegraph's."""
    if at is None:
        return Markup("<span class='quiet'>never</span>")
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    now = clock.real_now() if real else context.get("read_at", clock.now())
    at = words.aware(at)
    return _time(at, words.ago(at, now))


def _moment(at: datetime | None) -> Markup:
    if at is None:
        return Markup("<span class='quiet'>–</span>")
    return _time(words.aware(at), words.moment(at))


def _time(at: datetime, text: str) -> Markup:
    return Markup("<time datetime='{}' title='{}'>{}</time>").format(
        at.astimezone(UTC).isoformat(timespec="seconds"), words.moment(at), text
    )


def _marked(text: str) -> Markup:
    """Escape *text*; what stands between backquotes is code."""
    return Markup(_IN_QUOTES.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _duration(value: float | timedelta | None) -> str:
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return words.duration(seconds)


def _share(value: float | None) -> str:
    return "–" if value is None else words.percent(value, 1)


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
