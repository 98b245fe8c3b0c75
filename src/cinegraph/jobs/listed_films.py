"""Films that stand on cultural lists: having them fetched, and what an answer about one of them means for the lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection

from cinegraph.enrichment.lists import linking
from cinegraph.festivals.lookups import Answer, Lookup
from cinegraph.jobs.discovery import import_jobs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.stages import FILMS
from cinegraph.sync import ledger, policy, runs

RUN: Final = "import_list"
"""The kind of a run of a list, with its films."""
PRIORITY: Final = 3
"""As what an import of awards makes: before what is routine."""


async def want_films(
    conn: AsyncConnection[Any],
    tmdb_ids: Sequence[int],
    *,
    run_id: runs.RunId | None,
    reason: str,
    now: datetime,
) -> int:
    """
    Have films fetched that TMDB has not answered for: for a run at once, else as the budget allows.

    Returns:
        How many; those that a job is at already count.

    Locks: the ledger, the items; the caller holds the run.
    """
    ids = await ledger.list_unanswered(conn, tmdb_ids, **FILMS.entry)
    if not ids:
        return 0
    if run_id is None:
        worth = dict.fromkeys(ids, policy.NEW_BONUS)
        await ledger.want(conn, worth, **FILMS.entry, reason=reason, now=now)
        return len(ids)
    await ledger.queue(conn, ids, **FILMS.entry, reason=reason, now=now)
    fresh = await runs.add_items(conn, run_id, runs.MOVIE, ids)
    jobs = import_jobs(fresh, run_id=run_id, priority=PRIORITY, is_listed=True)
    await insert_jobs(conn, jobs)
    return len(ids)


async def follow_answer(
    conn: AsyncConnection[Any], lookup: Lookup, answer: Answer, *, now: datetime
) -> None:
    """
    Have a film fetched that was found because a list names it.

    Call it in the transaction that writes the answer down, before the runs that wait for it are told.
    """
    if answer.tmdb_id is None or not await linking.is_listed(conn, lookup.id):
        return
    awaiting = await runs.list_awaiting(conn, runs.FIND, [lookup.id], run_kind=RUN)
    waiting: list[runs.RunId | None] = [
        run_id for _, run_id in awaiting if await runs.hold(conn, run_id)
    ]
    for run_id in waiting or [None]:
        await want_films(
            conn, [answer.tmdb_id], run_id=run_id, reason="on a list", now=now
        )
