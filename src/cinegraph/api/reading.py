"""What is there and how it stands: films, status, service levels, budgets, quotas, alerts."""

from datetime import datetime

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.references import parse_reference
from cinegraph.catalog import browse, quarantine
from cinegraph.errors import UsageError
from cinegraph.jobs import backlogs
from cinegraph.jobs.imports import SOURCE
from cinegraph.limits import browse as limits_browse
from cinegraph.limits.quota_state import (
    QuotaDayRow,
    QuotaState,
    list_quota_days,
    read_quotas,
)
from cinegraph.monitoring import alerts, audit, freshness, insights, levels
from cinegraph.sources.registry import list_sources
from cinegraph.sync import backlog, ledger


class Reading(Connection):
    """Looking; asks no upstream and changes nothing."""

    async def find_movie(self, reference: str | int) -> browse.MovieDetails | None:
        """Return a stored film with its people, or `None`; asks no upstream."""
        kind, number = parse_reference(reference)
        async with self._app.pool.connection() as conn:
            return await browse.find_movie(conn, kind, number)

    async def list_movies(
        self, *, after: int | None = None, limit: int = 100
    ) -> list[browse.MovieSummary]:
        """Return stored films in the order of our numbers; *after* is the last one of the page before."""
        async with self._app.pool.connection() as conn:
            return await browse.list_movies(conn, after=after, limit=limit)

    async def trace_movie(self, tmdb_id: int) -> insights.MovieTrace:
        """Return what every source knows of a film and every job about it."""
        async with self._app.pool.connection() as conn:
            return await insights.trace_movie(conn, tmdb_id, now=clock.now())

    async def get_sync_status(self) -> insights.Status:
        """Return the state of the whole deployment."""
        async with self._app.pool.connection() as conn:
            return await insights.get_status(conn, source=SOURCE, now=clock.now())

    async def get_pulse(self) -> insights.Pulse:
        """Return the number of films and the running runs: cheap enough to ask every second."""
        async with self._app.pool.connection() as conn:
            return await insights.get_pulse(conn, now=clock.now())

    async def get_signature(self) -> str:
        """Return a text that is the same as long as nothing changed that a screen shows; cheap as `get_pulse`."""
        async with self._app.pool.connection() as conn:
            return await insights.get_signature(conn)

    async def get_service_levels(self) -> levels.ServiceLevels:
        """Return what the deployment promises, as it is kept now."""
        async with self._app.pool.connection() as conn:
            return await levels.get_levels(conn, source=SOURCE, now=clock.now())

    async def list_ledger(self) -> list[ledger.Count]:
        """Return how many things are in each state at each source."""
        async with self._app.pool.connection() as conn:
            return await ledger.read_counts(conn)

    async def get_freshness(self) -> freshness.Freshness:
        """Return how old films are by popularity: by the day on which TMDB last answered."""
        async with self._app.pool.connection() as conn:
            return await freshness.read_freshness(conn, source=SOURCE, now=clock.now())

    async def list_audits(self) -> list[audit.Finding]:
        """Return what the daily look at the whole database found last; nothing before the first."""
        async with self._app.pool.connection() as conn:
            return await audit.list_findings(conn)

    async def count_quarantine(self) -> list[quarantine.QuarantineCount]:
        """Return how many bodies cannot be read, by source, kind and reason, the most first."""
        async with self._app.pool.connection() as conn:
            return await quarantine.count_quarantine(conn)

    async def list_quarantine(
        self,
        *,
        source: str | None = None,
        reason: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[quarantine.Quarantined]:
        """Return bodies that cannot be read, the latest first; *before* is the last id of the page before."""
        async with self._app.pool.connection() as conn:
            return await quarantine.list_quarantine(
                conn, source=source, reason=reason, before=before, limit=limit
            )

    async def check_rate_limit(self, source: str = SOURCE) -> limits_browse.BudgetState:
        """
        Return the request budget of a source as it is now.

        Raises:
            UsageError: Nothing was ever asked of such a source.
        """
        async with self._app.pool.connection() as conn:
            for budget in await limits_browse.list_budgets(conn):
                if budget.source == source:
                    return budget
        raise UsageError(
            f"no request was ever made to {source}",
            hint=f"Known sources: {', '.join(known.name for known in list_sources())}.",
        )

    async def list_budgets(self) -> list[limits_browse.BudgetState]:
        """Return the request budget of every source that was ever asked."""
        async with self._app.pool.connection() as conn:
            return await limits_browse.list_budgets(conn)

    async def list_usage(
        self,
        since: datetime,
        *,
        period: limits_browse.Period = limits_browse.Period.MINUTE,
    ) -> list[limits_browse.Usage]:
        """Return what was asked of every endpoint since *since*."""
        async with self._app.pool.connection() as conn:
            return await limits_browse.list_usage(conn, since, period=period)

    async def list_load(
        self,
        since: datetime,
        *,
        period: limits_browse.Period = limits_browse.Period.MINUTE,
    ) -> list[limits_browse.Load]:
        """Return how much of its limit each source used since *since*."""
        async with self._app.pool.connection() as conn:
            return await limits_browse.list_load(conn, since, period=period)

    async def list_quotas(self) -> list[QuotaState]:
        """Return what is left of the day of every source that has a quota a day."""
        async with self._app.pool.connection() as conn:
            return await read_quotas(conn, now=clock.now())

    async def list_quota_days(self, since: datetime) -> list[QuotaDayRow]:
        """Return the days of quotas that ended after *since*, the last first."""
        async with self._app.pool.connection() as conn:
            return await list_quota_days(conn, since)

    async def get_omdb_backlog(self) -> backlog.Backlog | None:
        """Return what is left to ask of OMDb and when it will be done; None: it was never asked."""
        async with self._app.pool.connection() as conn:
            return await backlogs.read_backlog(conn, now=clock.now())

    async def list_alerts(
        self, *, open_only: bool = True, limit: int = 100
    ) -> list[alerts.Alert]:
        """Return what a person should know, the gravest first."""
        async with self._app.pool.connection() as conn:
            return await alerts.list_alerts(conn, open_only=open_only, limit=limit)

    async def find_last_alert_check(self) -> datetime | None:
        """Return when the rules of the alerts were last held against the tables; None: never."""
        async with self._app.pool.connection() as conn:
            return await alerts.find_last_check(conn)
