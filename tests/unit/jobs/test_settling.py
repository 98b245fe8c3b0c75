"""What settling a job costs when there is nothing to write."""

from typing import Any, cast

import msgspec
import pytest

from cinegraph.errors import SourceUnavailableError, UndecodableError
from cinegraph.jobs.discovery import DiscoverMovies, DiscoverMoviesArgs
from cinegraph.jobs.imports import ImportMovie, ImportMovieArgs, is_noteworthy
from cinegraph.jobs.outcome import Kind, Snooze, Tries, Verdict, decide, judge
from cinegraph.jobs.services import Services
from cinegraph.jobs.worker import JobContext, Worker

AT = {"source": "tmdb", "endpoint": "/movie/1"}
FIRST, LAST = Tries(1, 5), Tries(5, 5)
WORK = [
    pytest.param(ImportMovie, ImportMovieArgs(1), id="film"),
    pytest.param(DiscoverMovies, DiscoverMoviesArgs(1, "popular"), id="page"),
]


def _failed(error: Exception, tries: Tries) -> Verdict:
    return judge(decide(error, tries), tries, error=error)


@pytest.mark.parametrize(("worker", "args"), WORK)
@pytest.mark.parametrize(
    "verdict",
    [
        judge(Snooze(5), FIRST),
        _failed(SourceUnavailableError("503", **AT), FIRST),
        _failed(UndecodableError("empty", **AT), FIRST),
    ],
    ids=["snooze", "retry", "retry without a body"],
)
async def test_an_attempt_that_is_only_put_off_asks_nothing_of_the_database(
    worker: type[Worker[Any]], args: msgspec.Struct, verdict: Verdict
) -> None:
    """A 429 for ten thousand jobs is no ten thousand transactions: there is not even a pool to ask."""
    nothing = cast("Any", None)
    services = Services(pool=nothing, tmdb=nothing, films=nothing)
    await worker().settle(JobContext(args, worker.new(args), services), verdict)


def test_ends_and_bodies_are_written_down() -> None:
    """What failed for good, and what could not be read, though it is tried again."""
    unreadable = UndecodableError("html", **AT, body=b"<html>")
    assert is_noteworthy(_failed(unreadable, FIRST))
    ended = _failed(SourceUnavailableError("503", **AT), LAST)
    assert ended.kind is Kind.FAILED
    assert is_noteworthy(ended)
