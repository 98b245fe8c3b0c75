"""What is wrong, what was, who was told; and the rules that find it."""

from datetime import datetime, timedelta

import msgspec

from cinegraph import clock, words
from cinegraph.monitoring.rules import RULES, Rule
from cinegraph.monitoring.silences import LONGEST
from cinegraph.web.kept import ALERTS
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

CHECKED: Reading[datetime | None] = Reading(
    "alert check", 2.0, lambda c: c.find_last_alert_check()
)
_PAGE_SIZE = 50
_OLD = timedelta(minutes=2)
"""The leading node looks every 15 seconds."""


class AlertFilters(msgspec.Struct, frozen=True):
    """Of what is over."""

    kind: str | None = None
    before: int | None = None


@page("/alerts", name="alerts", title="Alerts", section="Now", key="a")
async def alerts(request: PageRequest) -> Context:
    """Show open alerts, the gravest first, those that are over, silences, messages and rules."""
    filters = request.filters(AlertFilters)
    history = await request.c.list_closed_alerts(
        kind=filters.kind, before=filters.before, limit=_PAGE_SIZE + 1
    )
    checked_at = await request.read(CHECKED)
    return {
        "open": await request.read(ALERTS),
        "history": history[:_PAGE_SIZE],
        "next_before": history[_PAGE_SIZE - 1].id
        if len(history) > _PAGE_SIZE
        else None,
        "filters": filters,
        "checked_at": checked_at,
        "is_unwatched": checked_at is None or clock.real_now() - checked_at > _OLD,
        "silences": await request.c.list_silences(),
        "messages": await request.c.list_alert_messages(),
        "targets": request.c.list_alert_targets(),
        "rules": [(rule, thresholds(rule)) for rule in RULES],
        "longest_hours": LONGEST // timedelta(hours=1),
    }


def thresholds(rule: Rule) -> list[tuple[str, str]]:
    """Return the numbers of a rule as people read them."""
    told = []
    for name, value in rule.parameters.items():
        if isinstance(value, timedelta):
            told.append((name, words.duration(value.total_seconds())))
        elif isinstance(value, float):
            told.append((name, f"{value:g}"))
        elif isinstance(value, int) and not isinstance(value, bool):
            told.append((name, words.size(value) if "bytes" in name else f"{value:,}"))
    return told
