"""What limits a run at this moment, in words: the first cause that holds, gravest first."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row

from cinegraph import clock
from cinegraph.db.sql import load
from cinegraph.jobs import browse
from cinegraph.jobs.browse import NodeRow
from cinegraph.jobs.catalogue import MergeExport
from cinegraph.jobs.imports import ImportMovie
from cinegraph.jobs.settling import UNCONFIRMED
from cinegraph.jobs.stages import QUEUES, TITLES
from cinegraph.limits.browse import BudgetState, list_budgets, list_usage
from cinegraph.limits.quota_state import QuotaState, read_quotas
from cinegraph.monitoring.progress import RunProgress

_BUDGET_USED = 0.85
"""Share of the budget from which the budget is what limits."""
_LATELY = timedelta(minutes=2)
"""What was asked is counted by the minute."""
_IMPORTS = ImportMovie.queue
_DISCOVERY = "discovery"
_FESTIVALS = "festivals"
_AWARDS_STAGES = {
    "festival": "reading the source of awards",
    "edition": "storing editions",
    "find": "looking films up",
    "person": "looking people up",
}
"""Kinds of items that the queue of festivals works on, and what is done then, in its order."""
[_OMDB] = QUEUES[TITLES.item_kind]
_MAINTENANCE = MergeExport.queue


class Cause(msgspec.Struct, frozen=True):
    """What a run waits for."""

    code: str
    """Stable, for programs."""
    text: str
    """For people; no full stop."""
    needs_person: bool = False
    """Whether it stays so until somebody does something."""


class Group(msgspec.Struct, frozen=True):
    """Jobs of one run that are in one state for one reason."""

    state: str
    error_code: str | None
    jobs: int
    starts_in_seconds: float
    """Of the first of them."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What `explain` judges by."""

    groups: Sequence[Group]
    nodes: Sequence[NodeRow]
    paused_queues: frozenset[str]
    budget: BudgetState | None
    round_in_seconds: float | None
    """Until the next item that waits for a further round."""
    quota: QuotaState | None = None
    """Of OMDb's day; None: it was never asked."""
    answer_seconds: float | None = None
    """How long the source takes for an answer, of late; None: it was not asked of late."""

    def jobs(self, *states: str) -> int:
        """Count the run's jobs in these states."""
        return sum(group.jobs for group in self.groups if group.state in states)

    def slots(self, queue: str) -> int:
        """Count the jobs of *queue* that all live nodes together may run."""
        return sum(
            node.slots for node in self.nodes if node.queue == queue and node.is_live
        )


async def read_facts(
    conn: psycopg.AsyncConnection[Any],
    run: RunProgress,
    *,
    source: str,
    now: datetime,
) -> Facts:
    """Read what limits *run*."""
    async with conn.cursor(row_factory=class_row(Group)) as cursor:
        await cursor.execute(
            load("cinegraph.jobs", "count_run_jobs.sql"), {"run": str(run.id)}
        )
        groups = await cursor.fetchall()
    cursor_at = await conn.execute(
        load("cinegraph.jobs", "find_next_round.sql"),
        {"run_id": run.id, "now": run.read_at},
    )
    (round_in,) = await cursor_at.fetchall()
    queues = await browse.list_queue_settings(conn)
    budgets = {budget.source: budget for budget in await list_budgets(conn)}
    quotas = {quota.source: quota for quota in await read_quotas(conn, now=now)}
    if _only_titles_left(run):
        source = TITLES.source
    return Facts(
        groups=groups,
        nodes=await browse.list_nodes(conn),
        paused_queues=frozenset(row.queue for row in queues if row.paused),
        budget=budgets.get(source),
        round_in_seconds=round_in[0],
        quota=quotas.get(TITLES.source),
        answer_seconds=await _answer_seconds(conn, source),
    )


async def _answer_seconds(
    conn: psycopg.AsyncConnection[Any], source: str
) -> float | None:
    usage = [
        one
        for one in await list_usage(conn, clock.real_now() - _LATELY)
        if one.source == source
    ]
    requests = sum(one.requests for one in usage)
    total = sum(one.mean_seconds * one.requests for one in usage)
    return total / requests if requests else None


def explain(run: RunProgress, facts: Facts) -> Cause:
    """Return the cause that holds for *run*."""
    return (
        _paused_run(run)
        or _no_worker(run, facts)
        or _paused_queue(run, facts)
        or _budget_trouble(facts)
        or _quota(run, facts)
        or _waiting(run, facts)
        or _awards(run)
        or _pace(run, facts)
    )


def _paused_run(run: RunProgress) -> Cause | None:
    if not run.is_paused:
        return None
    text = f"paused; `cinegraph runs resume {run.id}` lets it go on"
    return Cause("run_paused", text, needs_person=True)


def _only_titles_left(run: RunProgress) -> bool:
    """Whether every film is settled and only OMDb's part goes on."""
    return (
        not run.left
        and run.is_listed
        and not run.open_of("person")
        and run.titles_left > 0
    )


def _quota(run: RunProgress, facts: Facts) -> Cause | None:
    """Say that OMDb's day is used up, when nothing but OMDb is left."""
    quota = facts.quota
    if quota is None or not _only_titles_left(run) or quota.background_left > 0:
        return None
    text = f"OMDb quota: {quota.background_used:,} of today's are used, goes on at {quota.resets_at:%Y-%m-%d %H:%M} UTC"
    return Cause("quota", text)


def _needed_queue(run: RunProgress) -> str:
    if any(run.open_of(kind) for kind in _AWARDS_STAGES):
        return _FESTIVALS
    if _only_titles_left(run):
        return _OMDB
    if run.open > 0 or run.unqueued > 0 or run.pages_read == run.pages_planned:
        return _IMPORTS
    return _MAINTENANCE if "export" in run.stages else _DISCOVERY


def _no_worker(run: RunProgress, facts: Facts) -> Cause | None:
    live = [node for node in facts.nodes if node.is_live]
    if not live:
        return Cause(
            "no_worker",
            "no worker is running; start `cinegraph work`",
            needs_person=True,
        )
    queue = _needed_queue(run)
    if all(node.queue != queue for node in live):
        return Cause(
            "no_worker", f"no worker runs the queue {queue}", needs_person=True
        )
    return None


def _paused_queue(run: RunProgress, facts: Facts) -> Cause | None:
    queue = _needed_queue(run)
    if queue not in facts.paused_queues:
        return None
    text = f"queue {queue} is paused; `cinegraph queues resume {queue}`"
    return Cause("queue_paused", text, needs_person=True)


def _budget_trouble(facts: Facts) -> Cause | None:
    budget = facts.budget
    if budget is None:
        return None
    if budget.halted_at is not None:
        text = f"key refused by {_name(budget)}; put it right and restart the workers"
        return Cause("key_refused", text, needs_person=True)
    if budget.circuit_open_until is not None:
        text = f"{_name(budget)} has an outage, asked again in {math.ceil(budget.paused_seconds)} s"
        return Cause("outage", text)
    if budget.paused_seconds > 0:
        text = f"paused by a 429 for {math.ceil(budget.paused_seconds)} s"
        return Cause("throttled", text)
    return None


def _waiting(run: RunProgress, facts: Facts) -> Cause | None:
    """Say what the rest waits for when nothing can start at once."""
    if facts.jobs("available", "executing") or run.unqueued:
        return None
    later = [
        group for group in facts.groups if group.state in {"scheduled", "retryable"}
    ]
    if not later:
        return _next_round(run, facts)
    denied = sum(group.jobs for group in later if group.error_code == UNCONFIRMED)
    soonest = _in_seconds(min(group.starts_in_seconds for group in later))
    if denied == sum(group.jobs for group in later):
        films = _films(denied)
        return Cause("second_look", f"second look at {films} TMDB denied, {soonest}")
    again = max(later, key=lambda group: group.jobs)
    why = f" ({again.error_code.replace('_', ' ')})" if again.error_code else ""
    total = sum(group.jobs for group in later)
    jobs = "1 job is" if total == 1 else f"{total:,} jobs are"
    return Cause("retry", f"{jobs} tried again{why}, {soonest}")


def _next_round(run: RunProgress, facts: Facts) -> Cause | None:
    if run.waiting and facts.round_in_seconds is not None:
        soonest = _in_seconds(facts.round_in_seconds)
        films = "1 film" if run.waiting == 1 else f"{run.waiting:,} films"
        text = f"waiting for another round: {films}, {soonest}"
        return Cause("another_round", text)
    if run.open or run.titles_left:
        return Cause("other_run", "another run imports the same films")
    return Cause("finishing", "finishing")


def _pace(run: RunProgress, facts: Facts) -> Cause:
    if not run.left and "export" in run.stages and run.pages_read < run.pages_planned:
        return Cause("export", "reading TMDB's daily list of all films")
    if not run.left and run.pages_read < run.pages_planned:
        text = f"reading the list: page {run.pages_read} of {run.pages_planned}"
        return Cause("discovery", text)
    budget = facts.budget
    rate = budget.rate_now_per_second if budget else 0.0
    if _only_titles_left(run):
        return Cause("omdb", f"OMDb, {_at_a_time(facts.slots(_OMDB))}")
    if budget and rate and run.films_per_second >= _BUDGET_USED * rate:
        is_slowed = rate < budget.configured_per_second
        after = ", slowed by a 429" if is_slowed else ""
        return Cause("budget", f"{_name(budget)} budget {rate:.3g}/s{after}")
    slots = facts.slots(_IMPORTS)
    # The last few films tell nothing of how fast many would go.
    is_full = 2 * facts.jobs("available", "executing") >= slots
    if slots and is_full and (facts.jobs("available") or run.unqueued):
        return _workers_or_database(run, facts, slots)
    return Cause("working", "working")


def _awards(run: RunProgress) -> Cause | None:
    """Say which step of an import of awards goes on, when it is not its films."""
    if run.left:
        return None
    for kind, told in _AWARDS_STAGES.items():
        if left := run.open_of(kind):
            total = run.total_of(kind)
            counted = f": {total - left:,} of {total:,}" if total > 1 else ""
            return Cause(f"awards_{kind}", f"{told}{counted}")
    return None


def _workers_or_database(run: RunProgress, facts: Facts, slots: int) -> Cause:
    """Say whether a film's place is taken by waiting for the source or by storing it."""
    answer = facts.answer_seconds
    if answer is not None and run.films_per_second > 0:
        # As many films are in flight as there are places, so each holds its place for so long.
        place = slots / run.films_per_second
        if place - answer > answer:
            storing = round(1000 * (place - answer))
            text = f"database: storing takes {storing} ms a film, its answer {round(1000 * answer)} ms"
            return Cause("database", text)
    return Cause("slots", f"workers: {_at_a_time(slots)}")


def _name(budget: BudgetState) -> str:
    return budget.source.upper()


def _at_a_time(films: int) -> str:
    return "1 film at a time" if films == 1 else f"{films:,} films at a time"


def _films(number: int) -> str:
    return "1 film that" if number == 1 else f"{number:,} films that"


def _in_seconds(seconds: float) -> str:
    if seconds <= 1:
        return "now"
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"in {minutes} min {rest:02d} s" if minutes else f"in {rest} s"
