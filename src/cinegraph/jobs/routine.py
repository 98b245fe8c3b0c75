"""
What happens once a day without being asked: the plan of the day, tidying up, and a look at oneself.

Each step is a plain function of a package below; a job only calls them, one transaction each, and says what they did.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import change_log, quarantine, tombstones
from cinegraph.catalog.people import cut_details
from cinegraph.db.pool import Pool
from cinegraph.jobs.outcome import Done, Outcome, Snooze
from cinegraph.jobs.services import Services, services_of
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits.browse import list_budgets
from cinegraph.monitoring import alerts, audit, notices, operator_actions, samples
from cinegraph.sync import (
    changes,
    ledger,
    looks,
    pacing,
    runs,
    schedule,
    sweeping,
)

STEP_TIMEOUT = timedelta(minutes=30)
"""Of a job that reads or writes a row of every film."""
FEED_PATIENCE = 6
"""
Snoozes, in all an hour and three quarters, in which the changes feed is caught up after days off before films come due
by age: what it then proves unchanged needs no request, and that may be the whole catalogue.
"""
KEEP_WINDOWS = timedelta(days=200)
"""Of the changes feed: films fetched before are due by age at 180 days, so older days prove nothing."""

KEEP_ALERTS = timedelta(days=90)
"""After they are over: a quarter to look back on, as of requests."""

KEEP_LATENCIES = timedelta(days=30)
"""How long updates took: the level looks at a week, people at a month."""

KEEP_UNREFRESHED = timedelta(days=178)
"""TMDB's terms allow 180 days; this runs once a day, and may fail once."""
_CUT_BATCH = 200
"""Films a transaction: a second."""


class DailySyncArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class DailySync(
    Worker[DailySyncArgs],
    queue="maintenance",
    max_attempts=3,
    timeout=STEP_TIMEOUT,
    priority=4,
):
    """
    Plan the day: let films come due by age that the changes feed proves nothing about, or that near the terms' limit.

    Also find anew how often films' votes move, and so when a look at them pays. The feeder makes the jobs, spread over
    the day; nothing is fetched here.
    """

    async def run(self, job: JobContext[DailySyncArgs]) -> Outcome | None:
        """Sweep the ledger in one transaction, after the price of a look was found in one of its own."""
        now = clock.now()
        async with services_of(job).pool.connection() as conn:
            proof = await looks.find_proof(conn, **FILMS.entry)
        is_early = proof is not None and looks.is_behind(proof, now)
        if is_early and job.tries.snoozes < FEED_PATIENCE:
            return Snooze(code="feed_behind", message="the changes feed is read first")
        looked = await _adjust(services_of(job), now)
        async with services_of(job).pool.connection() as conn, conn.transaction():
            await runs.allow_long_statements(conn)
            swept = await sweeping.sweep(
                conn,
                proof,
                **FILMS.entry,
                after=await _unproven_after(conn),
                now=now,
            )
        return Done(
            message=f"due within a day: {swept.unproven:,} films that the feed does not cover, older than"
            f" {swept.unproven_after.days} days; {swept.old:,} for TMDB's terms; {looked:,.0f} looks at votes a day"
        )


async def _adjust(services: Services, now: datetime) -> float:
    """Find the pace of votes and the price of a look; return how many looks a day come due by them."""
    intervals = pacing.Intervals(
        services.update_interval_days, services.ratings_interval_days
    )
    async with services.pool.connection() as conn, conn.transaction():
        await runs.allow_long_statements(conn)
        looks_found = await pacing.adjust(
            conn,
            intervals,
            **FILMS.entry,
            popular_from=await changes.find_popular_from(conn, **FILMS.entry),
            now=now,
        )
    return 0.0 if looks_found is None else looks_found.a_day


async def _unproven_after(conn: AsyncConnection[Any]) -> timedelta:
    films = sum(
        count.things
        for count in await ledger.read_counts(conn)
        if (count.source, count.kind, count.state)
        == (FILMS.source, FILMS.kind, ledger.LedgerState.FRESH)
    )
    budgets = {one.source: one for one in await list_budgets(conn)}
    budget = budgets.get(FILMS.source)
    per_second = 0.0 if budget is None else budget.configured_per_second
    return sweeping.unproven_after(films, per_second)


class RetentionArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class Retention(
    Worker[RetentionArgs],
    queue="maintenance",
    max_attempts=3,
    timeout=STEP_TIMEOUT,
    priority=8,
):
    """
    Delete what is kept for a while only: old days of the feed, closed alerts, samples, the audit log, old positions.

    And what TMDB's terms let nobody keep: films that are gone are cut to their ids 178 days after TMDB last sent them.
    """

    async def run(self, job: JobContext[RetentionArgs]) -> Outcome | None:
        """Delete by age, in short transactions; first what must go."""
        now, services = clock.now(), services_of(job)
        films, people = await _cut(services.pool, now)
        rows = await _forget_changes(
            services.pool, now - timedelta(days=services.change_log_days)
        )
        async with services.pool.connection() as conn, conn.transaction():
            days = await changes.forget_old(
                conn, **FILMS.entry, before=(now - KEEP_WINDOWS).date()
            )
            await changes.forget_latencies(
                conn, **FILMS.entry, before=now - KEEP_LATENCIES
            )
            closed = await alerts.forget_closed(conn, before=now - KEEP_ALERTS)
            await schedule.forget_slots(conn, before=now - schedule.KEEP_SLOTS)
            real_now = clock.real_now()
            await samples.forget(conn, before=real_now - samples.KEEP)
            await notices.forget(conn, before=real_now - notices.KEEP)
            await operator_actions.forget(conn, before=real_now - operator_actions.KEEP)
        return Done(
            message=f"{days} days of the changes feed, {closed} closed alerts, "
            f"{rows:,} rows of the change log; {films:,} films and {people:,} people cut to their ids"
        )


async def _forget_changes(pool: Pool, before: datetime) -> int:
    """Forget old positions of the log, batch by batch: what writes to the log waits for one batch at most."""
    rows, gone = 0, _LOG_BATCH
    while gone:
        async with pool.connection() as conn, conn.transaction():
            gone = await change_log.forget_old(conn, before=before, limit=_LOG_BATCH)
        rows += gone
    return rows


async def _cut(pool: Pool, now: datetime) -> tuple[int, int]:
    """Cut what TMDB's terms let nobody keep to its ids; return how many films and people."""
    before = now - KEEP_UNREFRESHED
    films, cut = 0, _CUT_BATCH
    while cut == _CUT_BATCH:
        async with pool.connection() as conn, conn.transaction():
            await change_log.note_reason(conn, change_log.Reason.TERMS)
            cut = await tombstones.cut(
                conn, **FILMS.entry, before=before, now=now, limit=_CUT_BATCH
            )
        films += cut
    async with pool.connection() as conn, conn.transaction():
        await runs.allow_long_statements(conn)
        await change_log.note_reason(conn, change_log.Reason.TERMS)
        await cut_details(conn, before=before)
        people = await tombstones.cut_people(conn, before=before, now=now)
        await quarantine.forget_old(conn, source=FILMS.source, before=before)
    return films, people


class SelfAuditArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class SelfAudit(
    Worker[SelfAuditArgs],
    queue="maintenance",
    max_attempts=3,
    timeout=STEP_TIMEOUT,
    priority=8,
):
    """
    Hold what everything relies on against all rows: counts, due times, nothing of TMDB's older than 180 days.

    What is found opens the alert `audit_failed` until it is true again.
    """

    async def run(self, job: JobContext[SelfAuditArgs]) -> Outcome | None:
        """Look at everything and write down what was found."""
        async with services_of(job).pool.connection() as conn, conn.transaction():
            found = await audit.audit(conn, now=clock.now())
        bad = [one for one in found if one.offenders]
        if not bad:
            return Done(message=f"{len(found)} things looked at, all as they should be")
        told = "; ".join(f"{one.name}: {one.offenders:,}" for one in bad)
        return Done("audit_failed", told)


SCHEDULED = {
    "DailySync": lambda: DailySync.new(DailySyncArgs()),
    "Retention": lambda: Retention.new(RetentionArgs()),
    "SelfAudit": lambda: SelfAudit.new(SelfAuditArgs()),
}
"""By name of the schedule, what makes its job."""
_LOG_BATCH = 20_000
"""Positions deleted in one transaction, some 100 ms."""
