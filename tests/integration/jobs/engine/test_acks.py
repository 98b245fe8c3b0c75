"""Acknowledgements that can always be stored. Defect 2: one bad text stalls the whole queue of Oban 0.7.0."""

import asyncio

import pytest
from engine_workers import Behave, BehaveArgs, Recorder
from oban import Oban, Snooze, worker
from oban.job import Job

from cinegraph.db.pool import Pool
from cinegraph.jobs.engine import acks
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.scrubbing import MAX_CHARACTERS
from conftest import Query, StartNode, Until


@worker(queue="imports", max_attempts=2)
class Poison:
    """A job of plain Oban that fails with a NUL in its text, or ends well."""

    async def process(self, job: Job) -> None:
        """Fail when told to."""
        if job.args["poison"]:
            raise RuntimeError("a \0 in the text")


@worker(queue="imports")
class Unstorable:
    """A job of plain Oban that snoozes with meta that is no JSON."""

    async def process(self, _job: Job) -> Snooze:
        """Snooze."""
        return Snooze(60, {"what": object()})


_STATES = "SELECT state::text, count(*)::int FROM oban_jobs GROUP BY 1 ORDER BY 1"


@pytest.mark.parametrize(
    "poison", [Poison.new({"poison": True}), Unstorable.new({})], ids=["text", "meta"]
)
async def test_plain_oban_stalls_behind_a_poisonous_end(
    poison: Job, pool: Pool, query: Query, until: Until
) -> None:
    """The jobs that ended well beside it never leave `executing`: the defect that ours is for."""
    async with Oban(pool=pool, queues={"imports": 3}, name="plain") as plain:
        good = [Poison.new({"poison": False}) for _ in range(3)]
        await plain.enqueue_many([poison, *good])
        await until(lambda: len(plain._producers["imports"]._pending_acks) >= 3)
        await asyncio.sleep(0.5)

        states = dict(await query(_STATES))

    assert "completed" not in states


@pytest.mark.parametrize("how", ["nul", "surrogate", "long"])
async def test_a_poisonous_text_is_stored_and_stalls_nothing(
    how: str, pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """It is cleaned and shortened, and its neighbours end."""
    bad = Behave.new(BehaveArgs(how))
    good = [Behave.new(BehaveArgs(number=n)) for n in range(1, 20)]
    async with start_node():
        await JobEngine(pool).enqueue([bad, *good])
        await until(lambda: _is(query, {"completed": 19, "retryable": 1}))

    [(errors, meta)] = await query(
        "SELECT errors, meta FROM oban_jobs WHERE state = 'retryable'"
    )
    assert errors[0]["code"] == meta["error_code"] == "unexpected"
    assert errors[0]["attempt"] == 1
    assert "RuntimeError" in errors[0]["error"]
    assert len(errors[0]["error"]) < MAX_CHARACTERS + 100


async def test_meta_that_is_no_json_is_stored_as_text(
    pool: Pool,
    start_node: StartNode,
    query: Query,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a part of ours would put into meta, the job ends."""
    monkeypatch.setattr(
        "cinegraph.jobs.engine.dispatching._error_of",
        lambda _job, _verdict: {"error": "bad", "code": "x"},
    )
    monkeypatch.setattr(
        "cinegraph.jobs.outcome.code_of", lambda _error: {"set", object()}
    )
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs("unavailable"))])
        await until(lambda: _is(query, {"retryable": 1}))

    [(meta,)] = await query("SELECT meta FROM oban_jobs")
    assert len(meta["error_code"]) == 2


@pytest.mark.parametrize("how", ["secret", "our_secret"])
async def test_secrets_never_reach_the_row(
    how: str, pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """A key in the text of a foreign exception or of ours is hidden."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(how))])
        await until(lambda: _is(query, {"retryable": 1}))

    [(text,)] = await query("SELECT to_jsonb(j)::text FROM oban_jobs j")
    assert "0123456789abcdef" not in text
    assert "api_key=***" in text


async def test_a_row_keeps_its_newest_errors(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """The number of errors in a row is bounded; the oldest goes."""
    [job] = await JobEngine(pool).enqueue([Behave.new(BehaveArgs("unavailable"))])
    await query(
        "UPDATE oban_jobs SET errors = (SELECT jsonb_agg(jsonb_build_object('attempt', n))"
        " FROM generate_series(1, %s) n) WHERE id = %s",
        acks.MAX_ERRORS,
        job.id,
    )
    async with start_node():
        await until(lambda: _is(query, {"retryable": 1}))

    [(errors,)] = await query("SELECT errors FROM oban_jobs")
    assert len(errors) == acks.MAX_ERRORS
    assert errors[0] == {"attempt": 2}
    assert errors[-1]["code"] == "unavailable"


async def test_an_attempt_that_was_given_away_is_not_ended(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """The end of an attempt counts only while that attempt holds the job."""
    async with start_node():
        [job] = await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=0.4))])
        await until(lambda: recorder.ran)
        await query(
            "UPDATE oban_jobs SET attempted_at = attempted_at + interval '1 s',"
            " attempted_by = '{other,x}' WHERE id = %s",
            job.id,
        )
        await asyncio.sleep(0.6)

        assert dict(await query(_STATES)) == {"executing": 1}


async def test_a_lost_connection_loses_no_end(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """Defect 3: with every connection cut while jobs run, each still ends once."""
    jobs = [Behave.new(BehaveArgs(number=n, seconds=0.3)) for n in range(20)]
    async with start_node(limit=20):
        await JobEngine(pool).enqueue(jobs)
        await until(lambda: len(recorder.ran) == 20)
        await query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await until(lambda: _is(query, {"completed": 20}), within=5)

    assert sorted(recorder.ran) == list(range(20))


async def _is(query: Query, states: dict[str, int]) -> bool:
    return dict(await query(_STATES)) == states
