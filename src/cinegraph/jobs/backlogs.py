"""What is left to ask of OMDb, and when it will be done at the quota of a day."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.jobs.stages import TITLES
from cinegraph.limits.browse import list_budgets
from cinegraph.limits.quota_days import BACKGROUND_SHARE
from cinegraph.limits.quota_state import read_quotas
from cinegraph.sync import backlog, ledger

_LEFT = {"wanted", "queued"}
_USUAL_SECONDS = 0.2
"""Of an answer: the latency of such services in the wild; one is in flight at a time."""


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
    budgets = {budget.source: budget for budget in await list_budgets(conn)}
    budget = budgets.get(TITLES.source)
    pace = (
        min(1 / _USUAL_SECONDS, budget.rate_now_per_second or 1 / _USUAL_SECONDS)
        if budget
        else 1 / _USUAL_SECONDS
    )
    return backlog.reckon(
        things,
        a_day=int(quota.limit * BACKGROUND_SHARE),
        left_today=quota.background_left if quota.exhausted_at is None else 0,
        resets_at=quota.resets_at,
        now=now,
        # A minute of Cinegraph's time may be a second of the source's.
        per_second=pace / clock.speed(),
    )
