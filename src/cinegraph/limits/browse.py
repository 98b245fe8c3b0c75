"""What screens read about budgets and usage; nothing here changes a row."""

from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row, dict_row

from cinegraph.db.sql import load
from cinegraph.limits import rates
from cinegraph.limits.latency import estimate_quantile

_PACKAGE = "cinegraph.limits"


class Period(StrEnum):
    """How usage is summed up; days are UTC days."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


_PERIOD_SECONDS = {Period.MINUTE: 60.0, Period.HOUR: 3600.0, Period.DAY: 86400.0}


class BudgetState(msgspec.Struct, frozen=True):
    """One budget now. Times are real time by the database's clock."""

    source: str
    configured_per_second: float
    """0: no process paces itself."""
    rate_now_per_second: float
    """Less than configured after 429s, until it has recovered."""
    burst: int
    upstream_per_second: float | None
    configured_at: datetime
    paused_until: datetime | None
    paused_seconds: float
    """From now; 0 when not paused."""
    pause_reason: str | None
    last_throttled_at: datetime | None
    throttled_count: int
    halted_at: datetime | None
    """Since when the key is refused; None when it is not."""
    halt_reason: str | None
    next_probe_at: datetime | None
    circuit_opened_at: datetime | None = None
    """Since when it is taken for down; None: it is well."""
    circuit_open_until: datetime | None = None
    """Nothing is asked until then; None while down: a trickle finds out whether it is well again."""
    circuit_reason: str | None = None
    """What the last failure said."""


class Usage(msgspec.Struct, frozen=True):
    """What was asked of one endpoint in one period."""

    period_at: datetime
    """Its beginning."""
    source: str
    endpoint: str
    requests: int
    outcomes: dict[str, int]
    mean_seconds: float
    p95_seconds: float
    """Estimated from a histogram; at most 30."""


class Load(msgspec.Struct, frozen=True):
    """How much of its budget one source used in one period, all processes together."""

    period_at: datetime
    """Its beginning."""
    source: str
    requests: int
    worst_minute: int
    """Requests of its busiest minute."""
    worst_second: int
    """Requests of its busiest second, by the clocks of the processes that sent them."""
    share_of_budget: float | None
    """Of what the budget allows in the whole period; None when it sets no rate."""
    share_of_limit: float | None
    """Of what the upstream allows in the whole period; None when that is not known."""


async def list_budgets(connection: psycopg.AsyncConnection[Any]) -> list[BudgetState]:
    """Return the state of every budget, by source."""
    parameters = {
        "recovery": rates.RECOVERY_SECONDS,
        "longest_pause": rates.LONGEST_PAUSE_SECONDS,
        "probe_interval": rates.PROBE_INTERVAL_SECONDS,
    }
    async with connection.cursor(row_factory=class_row(BudgetState)) as cursor:
        await cursor.execute(load(_PACKAGE, "list_budgets.sql"), parameters)
        return await cursor.fetchall()


async def list_usage(
    connection: psycopg.AsyncConnection[Any],
    since: datetime,
    *,
    period: Period = Period.MINUTE,
) -> list[Usage]:
    """Return what was asked since *since* (real time), by period, source and endpoint; silent ones have no row."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            load(_PACKAGE, "list_usage.sql"), {"since": since, "period": period.value}
        )
        rows = await cursor.fetchall()
    return [
        _to_usage(key, list(group))
        for key, group in groupby(
            rows, lambda row: (row["period_at"], row["source"], row["endpoint"])
        )
    ]


async def list_load(
    connection: psycopg.AsyncConnection[Any],
    since: datetime,
    *,
    period: Period = Period.MINUTE,
) -> list[Load]:
    """Return how much of its budget each source used since *since* (real time), by period and source."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            load(_PACKAGE, "list_load.sql"), {"since": since, "period": period.value}
        )
        return [_to_load(row, period) for row in await cursor.fetchall()]


def _to_usage(key: tuple[datetime, str, str], rows: list[dict[str, Any]]) -> Usage:
    requests = sum(row["requests"] for row in rows)
    histogram = [
        sum(counts) for counts in zip(*(row["latency"] for row in rows), strict=True)
    ]
    return Usage(
        *key,
        requests=requests,
        outcomes={row["outcome"]: row["requests"] for row in rows},
        mean_seconds=sum(row["elapsed_seconds"] for row in rows) / requests,
        p95_seconds=estimate_quantile(histogram, 0.95) or 0.0,
    )


def _to_load(row: dict[str, Any], period: Period) -> Load:
    seconds = _PERIOD_SECONDS[period]

    def share(per_second: float | None) -> float | None:
        return row["requests"] / (per_second * seconds) if per_second else None

    return Load(
        period_at=row["period_at"],
        source=row["source"],
        requests=row["requests"],
        worst_minute=row["worst_minute"],
        worst_second=row["worst_second"],
        share_of_budget=share(row["budget_per_second"]),
        share_of_limit=share(row["upstream_per_second"]),
    )
