"""What is computed of films: having it computed, and how far that is."""

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.catalog import counting
from cinegraph.enrichment.due import passes, status
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.enrichment.due.passes import PassState
from cinegraph.enrichment.due.status import EnrichmentReport
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.enrichment import Scope, item_id, pass_job
from cinegraph.sync import runs


class Enriching(Connection):
    """Computing from what is stored; no source is asked."""

    async def enrich(self, enrichment: str, *, only_due: bool = False) -> runs.RunId:
        """
        Start computing one thing of all films.

        Args:
            enrichment: `collaborations`, `cultural_lists`, `cri_score` or `recommendations`.
            only_due: Only of films of which something has changed.

        Returns:
            The run's number; `wait_for_run` follows it. A worker does the work: `work`, or `cinegraph work`.

        Raises:
            ValueError: There is no such enrichment.
        """
        kind = Enrichment(enrichment)
        scope = Scope.DUE if only_due else Scope.ALL
        async with self._transaction() as conn:
            run_id = await runs.start_run(
                conn,
                kind=runs.ENRICH,
                source="catalogue",
                arguments={"enrichment": kind, "scope": scope},
                requested_by=self._requested_by,
                now=clock.now(),
            )
            if scope is Scope.ALL:
                await passes.want_all(
                    conn,
                    [kind],
                    reason=f"asked for by run {run_id}",
                    now=clock.now(),
                )
            await runs.add_items(conn, run_id, runs.ENRICHMENT, [item_id(kind, scope)])
            await insert_jobs(conn, [pass_job(kind, scope, run_id)])
        return run_id

    async def get_pass(self, enrichment: str) -> PassState:
        """
        Return where computing all films stands, of one kind.

        Raises:
            ValueError: There is no such enrichment.
        """
        async with self._transaction() as conn:
            return (await passes.list_states(conn))[Enrichment(enrichment)]

    async def count_films(self) -> int:
        """Return how many films are stored, those that are gone among them."""
        async with self._transaction() as conn:
            return await counting.count_movies(conn)

    async def get_enrichment_status(self) -> EnrichmentReport:
        """Return of each kind how many films are current, due or impossible, and why."""
        async with self._transaction() as conn:
            await runs.allow_long_statements(conn)
            return await status.read_status(conn, now=clock.now())
