"""Making jobs: arguments, unique keys, lineage, registration."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import pytest
from oban import Job

import cinegraph.jobs
from cinegraph.errors import JobArgumentsError
from cinegraph.jobs.attempts import run_attempt
from cinegraph.jobs.outcome import Done, Outcome
from cinegraph.jobs.worker import (
    JobContext,
    Worker,
    decode_args,
    enter,
    find_worker,
    list_workers,
    unique_key,
)


class ShelveArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A film and a shelf."""

    tmdb_id: Annotated[int, msgspec.Meta(ge=1)]
    shelf: str = "a"


class Shelve(Worker[ShelveArgs], queue="maintenance", priority=4):
    """Put a film on a shelf."""

    async def run(self, job: JobContext[ShelveArgs]) -> None:
        """Do nothing."""


class Unshelve(Worker[ShelveArgs], queue="imports", max_attempts=7):
    """Take a film off a shelf."""

    async def run(self, job: JobContext[ShelveArgs]) -> None:
        """Do nothing."""


class OtherArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of another worker with the same shape."""

    tmdb_id: int


def test_a_job_takes_its_worker_s_options() -> None:
    """Queue, priority and attempts; the queue's attempts where the worker is silent."""
    job = Shelve.new(ShelveArgs(603))

    assert (job.queue, job.priority, job.max_attempts) == ("maintenance", 4, 3)
    assert job.args == {"tmdb_id": 603, "shelf": "a"}
    assert job.worker == f"{__name__}.Shelve"
    assert Unshelve.new(ShelveArgs(1)).max_attempts == 7


def test_arguments_are_checked_when_the_job_is_made() -> None:
    """The error names worker and field, long before a worker runs."""
    with pytest.raises(JobArgumentsError, match=r"Shelve.*tmdb_id"):
        Shelve.new(ShelveArgs(0))


def test_the_arguments_of_another_worker_are_refused() -> None:
    """An id of one thing can never be read as that of another."""
    with pytest.raises(JobArgumentsError, match="OtherArgs"):
        Shelve.new(OtherArgs(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_a_text_that_cannot_be_stored_is_refused(text: str) -> None:
    """One such job would fail the whole batch it is enqueued in."""
    with pytest.raises(JobArgumentsError):
        Shelve.new(ShelveArgs(1, text))


def test_stored_arguments_are_checked_again() -> None:
    """A row that no longer fits is refused in words."""
    with pytest.raises(JobArgumentsError, match="tmdb_id"):
        decode_args(Shelve, {"tmdb_id": "603"})
    with pytest.raises(JobArgumentsError, match="colour"):
        decode_args(Shelve, {"tmdb_id": 603, "colour": "red"})
    assert decode_args(Shelve, {"tmdb_id": 603}) == ShelveArgs(603)


def test_the_unique_key_is_stable() -> None:
    """Stored keys must be recognised by later versions: worker, NUL, arguments by sorted name."""
    assert unique_key("a.B", b'{"x":1}') == "5xZ1Und4kMUepzTrUz4v"


def test_the_unique_key_tells_workers_and_arguments_apart() -> None:
    """Same worker and arguments, same key; anything else, another; none when not wanted."""
    key = Shelve.new(ShelveArgs(1)).meta["uniq_key"]

    assert Shelve.new(ShelveArgs(1), run=9, priority=0).meta["uniq_key"] == key
    assert Shelve.new(ShelveArgs(2)).meta["uniq_key"] != key
    assert Unshelve.new(ShelveArgs(1)).meta["uniq_key"] != key
    assert "uniq_key" not in Shelve.new(ShelveArgs(1), unique=False).meta


def test_a_job_may_be_made_for_later() -> None:
    """A duration from now on, real time."""
    job = Shelve.new(ShelveArgs(1), scheduled_in=timedelta(minutes=5))

    assert job.scheduled_at is not None
    wait = job.scheduled_at - datetime.now(UTC)
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)


async def test_children_inherit_their_lineage() -> None:
    """Made inside a running job: its run, it as parent, its root; said explicitly, that."""
    job = Job("x.Y", meta={"run_id": 7, "root_id": 3})
    job.id = 11
    enter(JobContext(ShelveArgs(1), job, None))

    child = Shelve.new(ShelveArgs(1)).meta
    other = Shelve.new(ShelveArgs(1), run=8, parent=12).meta

    assert (child["run_id"], child["parent_id"], child["root_id"]) == (7, 11, 3)
    assert (other["run_id"], other["parent_id"]) == (8, 12)


def test_only_registered_names_are_found() -> None:
    """A name from a row is looked up, never imported."""
    assert find_worker(Shelve.name) is Shelve
    assert find_worker("antigravity.Flight") is None
    assert Shelve in list_workers()


def test_loose_arguments_are_refused_at_definition() -> None:
    """A struct that can change or takes unknown fields is no wire format."""

    class Loose(msgspec.Struct):
        """Neither frozen nor strict."""

    with pytest.raises(TypeError, match="frozen=True"):

        class Bad(Worker[Loose], queue="imports"):
            """Never made."""

            async def run(self, job: JobContext[Loose]) -> None:
                """Do nothing."""


def test_a_queue_that_does_not_exist_is_refused_at_definition() -> None:
    """Jobs of a queue that no node runs would wait for ever."""
    with pytest.raises(TypeError, match="improts"):

        class Lost(Worker[ShelveArgs], queue="improts"):
            """Never made."""

            async def run(self, job: JobContext[ShelveArgs]) -> None:
                """Do nothing."""


async def test_the_newcomer_s_example_works() -> None:
    """What the package's docstring shows can be pasted and runs."""
    lines = (cinegraph.jobs.__doc__ or "").splitlines()
    example = "\n".join(line[4:] for line in lines if line.startswith("    "))
    names = {
        "__name__": "example",
        "msgspec": msgspec,
        "Worker": Worker,
        "JobContext": JobContext,
        "Outcome": Outcome,
        "Done": Done,
    }
    exec(example, names)  # noqa: S102 - our own text
    job = names["CountWords"].new(names["CountWordsArgs"]("three little words"))
    job.id = 1

    verdict = await run_attempt(job, None)

    assert (verdict.state, verdict.message) == ("completed", "3 words")
    assert len(example.splitlines()) <= 11
