"""How an end becomes a state: the table of dispositions and the limits."""

import asyncio
import math

import pytest

from cinegraph.errors import (
    AbsentAtSourceError,
    CinegraphError,
    Disposition,
    JobArgumentsError,
    PayloadError,
    RequestRefusedError,
    SourceHaltedError,
    SourceRejectedError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.jobs import outcome
from cinegraph.jobs.outcome import (
    MAX_SNOOZES,
    Cancel,
    Done,
    Fail,
    Kind,
    Retry,
    Snooze,
    Tries,
    Verdict,
    decide,
    judge,
)

FIRST = Tries(1, 5)
AT = {"source": "tmdb", "endpoint": "movie"}


def _end(error: BaseException, tries: Tries = FIRST) -> Verdict:
    return judge(decide(error, tries), tries, error=error)


def _throttled(seconds: float | None) -> SourceThrottledError:
    return SourceThrottledError(**AT, retry_in_seconds=seconds)


def test_only_what_nobody_can_retry_is_hopeless() -> None:
    """A wrong question gets no further round; used-up attempts do."""
    refused = RequestRefusedError("no", **AT, status=400)
    down = SourceUnavailableError("503", **AT)

    assert _end(refused).is_hopeless
    assert not _end(down, Tries(5, 5)).is_hopeless
    assert not _end(down).is_hopeless


def test_every_disposition_has_an_outcome() -> None:
    """The table is complete."""
    assert set(outcome.BY_DISPOSITION) == set(Disposition)


@pytest.mark.parametrize(
    ("error", "kind", "state", "code"),
    [
        (
            SourceUnavailableError("503", **AT),
            Kind.RETRYING,
            "retryable",
            "unavailable",
        ),
        (UndecodableError("cut", **AT), Kind.RETRYING, "retryable", "undecodable"),
        (_throttled(7), Kind.SNOOZED, "scheduled", "throttled"),
        (
            SourceRejectedError("no", **AT, status=401),
            Kind.SNOOZED,
            "scheduled",
            "rejected",
        ),
        (
            AbsentAtSourceError(**AT, external_id="1"),
            Kind.ABSENT,
            "completed",
            "absent",
        ),
        (PayloadError("bad", **AT), Kind.QUARANTINED, "completed", "payload"),
        (JobArgumentsError("bad"), Kind.CANCELLED, "cancelled", "job_arguments"),
        (
            RequestRefusedError("no", **AT, status=400),
            Kind.FAILED,
            "discarded",
            "request_refused",
        ),
        (ValueError("a bug"), Kind.RETRYING, "retryable", "unexpected"),
        (asyncio.CancelledError(), Kind.RETRYING, "retryable", "cancelled_inside"),
        (SystemExit(1), Kind.RETRYING, "retryable", "system_exit"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_ends_by_its_disposition(
    error: BaseException, kind: Kind, state: str, code: str
) -> None:
    """State, kind and code follow from the class of the error."""
    verdict = _end(error)

    assert (verdict.kind, verdict.state, verdict.code) == (kind, state, code)
    assert verdict.error is error
    assert verdict.final == (state in {"completed", "cancelled", "discarded"})


@pytest.mark.parametrize(
    ("asked", "waits"), [(0, 1), (0.2, 1), (90, 90), (3600, 3600), (90_000, 3600)]
)
def test_a_wish_to_wait_is_floored_and_capped(asked: float, waits: int) -> None:
    """`Retry-After: 0` burns no snoozes, and a day costs no day."""
    assert _end(_throttled(asked)).delay_seconds == waits


@pytest.mark.parametrize(
    ("attempt", "snoozes", "waits"),
    [(1, 0, 300), (2, 0, 600), (1, 3, 1200), (3, 40, 3600)],
)
def test_without_a_wish_each_try_waits_longer(
    attempt: int, snoozes: int, waits: int
) -> None:
    """Five minutes a try, at most an hour; snoozes are tries too."""
    assert _end(_throttled(None), Tries(attempt, 5, snoozes)).delay_seconds == waits


def test_snoozes_are_capped_and_then_retried() -> None:
    """Beyond the cap a snooze counts as a failure."""
    assert _end(_throttled(5), Tries(1, 5, MAX_SNOOZES - 1)).kind is Kind.SNOOZED
    assert _end(_throttled(5), Tries(1, 5, MAX_SNOOZES)).kind is Kind.RETRYING
    assert _end(_throttled(5), Tries(5, 5, MAX_SNOOZES)).kind is Kind.FAILED


def test_work_of_a_halted_source_waits_for_ever() -> None:
    """A bad key costs no film its attempts, however long it stays bad, asked or not."""
    refused = SourceRejectedError("no", **AT, status=401)
    halted = SourceHaltedError("no", **AT, retry_in_seconds=42)

    for error in (refused, halted):
        verdict = _end(error, Tries(5, 5, 10 * MAX_SNOOZES))
        assert (verdict.kind, verdict.state) == (Kind.SNOOZED, "scheduled")


def test_a_halted_source_says_when_to_come_back() -> None:
    """The next probe is known: its work waits for that, not for five minutes a try."""
    halted = SourceHaltedError("no", **AT, retry_in_seconds=42)

    assert _end(halted, Tries(1, 5, 30)).delay_seconds == 42


def test_a_worker_may_snooze_for_long() -> None:
    """Only a foreign wish is capped."""
    assert judge(Snooze(86_400), FIRST).delay_seconds == 86_400


def test_the_last_attempt_fails() -> None:
    """With the attempts used up a retry is a failure."""
    assert judge(Retry(), Tries(4, 5)).kind is Kind.RETRYING
    verdict = judge(Retry("x", "y"), Tries(5, 5))
    assert (verdict.kind, verdict.state, verdict.code) == (
        Kind.FAILED,
        "discarded",
        "x",
    )
    assert verdict.final


@pytest.mark.parametrize(
    ("given", "kind"),
    [(Done(), Kind.DONE), (Cancel(), Kind.CANCELLED), (Fail(), Kind.FAILED)],
)
def test_other_outcomes_are_final(given: outcome.Outcome, kind: Kind) -> None:
    """Done, cancelled and failed need no attempts left."""
    verdict = judge(given, FIRST)
    assert (verdict.kind, verdict.final) == (kind, True)


@pytest.mark.parametrize("answer", [math.nan, -5, "soon", None])
def test_a_senseless_backoff_is_replaced(answer: object) -> None:
    """Whatever a worker's backoff says, the job is retried in time."""
    verdict = judge(Retry(), FIRST, backoff=lambda _attempt: answer)  # type: ignore[arg-type,return-value]
    assert 15 <= (verdict.delay_seconds or 0) <= 20


def test_a_raising_backoff_is_replaced() -> None:
    """It once left jobs `executing` for ever."""
    assert judge(Retry(), FIRST, backoff=lambda n: 1 / (n - 1)).kind is Kind.RETRYING


def test_the_default_backoff_doubles_and_is_bounded() -> None:
    """About 17 s after the first attempt, never beyond six hours and a tenth."""
    assert 17 <= outcome.default_backoff(1) < 19
    assert outcome.default_backoff(6) > 2 * outcome.default_backoff(4)
    assert outcome.default_backoff(10_000) <= 6 * 3600 * 1.1


def test_an_error_whose_text_raises_has_a_text() -> None:
    """A foreign exception cannot break the end of its job."""

    class Broken(Exception):  # noqa: N818 - not ours
        def __str__(self) -> str:
            raise RuntimeError

    assert _end(Broken()).message.startswith("Broken")


def test_every_error_of_ours_is_decided() -> None:
    """No leaf of the tree lacks a disposition that the table knows."""

    def leaves(kind: type[CinegraphError]) -> list[type[CinegraphError]]:
        return [kind, *(leaf for sub in kind.__subclasses__() for leaf in leaves(sub))]

    assert {leaf.disposition for leaf in leaves(CinegraphError)} <= set(Disposition)


def test_an_outage_may_last_longer_than_all_snoozes() -> None:
    """What a source that is down puts off waits without end; what it throttles does not."""
    tired = Tries(attempt=1, max_attempts=5, snoozes=MAX_SNOOZES)
    down = SourceThrottledError(source="tmdb", endpoint="movie", is_outage=True)
    busy = SourceThrottledError(source="tmdb", endpoint="movie")

    assert judge(decide(down, tired), tired, error=down).kind is Kind.SNOOZED
    assert judge(decide(busy, tired), tired, error=busy).kind is Kind.RETRYING
