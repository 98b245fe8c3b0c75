"""What is left to ask of OMDb, and when it will be done at the quota of a day."""

from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.jobs.stages import TITLES
from cinegraph.limits.browse import list_budgets, list_load
from cinegraph.limits.quota_days import BACKGROUND_SHARE
from cinegraph.limits.quota_state import read_quotas
from cinegraph.sync import backlog, ledger

_LEFT = {"wanted", "queued"}
_USUAL_PER_SECOND = 5.0
"""Before it was asked of late: one in flight at a time, each 0.2 s, the latency of such services in the wild."""
_LATELY = timedelta(minutes=10)


async def read_backlog(
    conn: AsyncConnection[Any], *, now: datetime
) -> backlog.Backlog | None:
    """Return what is left to ask of OMDb; None: it was never asked."""
    quotas = {quota.source: quota for quota in await read_quotas(conn, now=now)}
    quota = quotas.get(TITLES.source)
    if quota is None:
        return None
    things = sum(
        count.things
        for count in await ledger.read_counts(conn)
        if count.source == TITLES.source and count.state in _LEFT
    )
    return backlog.reckon(
        things,
        a_day=int(quota.limit * BACKGROUND_SHARE),
        left_today=quota.background_left if quota.exhausted_at is None else 0,
        resets_at=quota.resets_at,
        now=now,
        # A minute of Cinegraph's time may be a second of the source's.
        per_second=await _read_pace(conn) / clock.speed(),
    )


async def _read_pace(conn: AsyncConnection[Any]) -> float:
    """Return how many requests a real second the source answers: as in its busiest second of late."""
    load = await list_load(conn, clock.real_now() - _LATELY)
    seen = [one.worst_second for one in load if one.source == TITLES.source]
    pace = max(seen, default=_USUAL_PER_SECOND)
    budgets = {budget.source: budget for budget in await list_budgets(conn)}
    budget = budgets.get(TITLES.source)
    allowed = budget.rate_now_per_second if budget else 0.0
    return min(pace, allowed) if allowed > 0 else pace
