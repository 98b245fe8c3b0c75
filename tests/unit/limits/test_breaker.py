"""When one process takes a source for down: answers with a time of our own."""

import random
from collections.abc import Iterable

import pytest

from cinegraph.errors import (
    AbsentAtSourceError,
    RequestRefusedError,
    SourceError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits.breaker import (
    SLOW_STREAK,
    STREAK,
    WINDOW_FAILURES,
    Answer,
    Breaker,
    judge,
)

_AT = {"source": "tmdb", "endpoint": "movie"}


def first_trip(
    answers: Iterable[Answer], *, every: float, breaker: Breaker | None = None
) -> int | None:
    """Return at the how-manieth of *answers*, *every* seconds apart, it trips."""
    breaker = breaker or Breaker()
    for number, answer in enumerate(answers, start=1):
        if breaker.note(answer, at=number * every):
            return number
    return None


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (SourceUnavailableError("HTTP 503", **_AT), Answer.NONE),
        (UndecodableError("the body is empty", **_AT), Answer.BAD),
        (AbsentAtSourceError(external_id="5", **_AT), Answer.ALIVE),
        (RequestRefusedError("no", status=400, **_AT), Answer.ALIVE),
    ],
)
def test_what_an_error_tells(error: SourceError, answer: Answer) -> None:
    """Whoever says "there is no such film" is there."""
    assert judge(error) is answer


@pytest.mark.parametrize(
    ("per_second", "failures"), [(400, STREAK), (39, STREAK), (5, 51), (0.1, 12)]
)
def test_an_outage_is_noticed(per_second: float, failures: int) -> None:
    """After 80 failures, or after 10 seconds of at least 12 where there are few."""
    assert first_trip([Answer.NONE] * 1000, every=1 / per_second) == failures


def test_failures_of_a_quiet_day_are_no_outage() -> None:
    """One film that fails for itself, tried again and again, stops nobody."""
    assert first_trip([Answer.NONE] * 100, every=120) is None


def test_one_answer_ends_a_streak() -> None:
    """Also a "no such film"."""
    answers = ([Answer.NONE] * (STREAK - 1) + [Answer.ALIVE]) * 2
    assert first_trip(answers, every=0.001) is None


def test_half_an_outage_is_noticed() -> None:
    """A source that drops more than every second request never has a streak."""
    dice = random.Random(1)  # noqa: S311 - repeatable
    answers = [
        Answer.NONE if dice.random() < 0.6 else Answer.ALIVE for _ in range(5000)
    ]
    tripped = first_trip(answers, every=1 / 39)
    assert tripped is not None
    assert 2 * WINDOW_FAILURES * 0.7 < tripped <= 2 * WINDOW_FAILURES


def test_html_for_everything_is_an_outage() -> None:
    """By its share, after hundreds."""
    assert first_trip([Answer.BAD] * 1000, every=1 / 39) == WINDOW_FAILURES


def test_spoilt_films_are_no_outage() -> None:
    """What is left at the end of a run may be spoilt bodies alone."""
    assert first_trip([Answer.BAD] * 5 * SLOW_STREAK, every=1) is None


def test_what_is_known_is_forgotten() -> None:
    """After the reset it takes as much again."""
    breaker = Breaker()
    assert first_trip([Answer.NONE] * STREAK, every=0.01, breaker=breaker) == STREAK
    breaker.reset()
    assert first_trip([Answer.NONE] * STREAK, every=0.01, breaker=breaker) == STREAK


def test_it_goes_on_saying_so() -> None:
    """Until it is reset, whoever could not share it asks again."""
    breaker = Breaker()
    told = [breaker.note(Answer.NONE, at=n * 0.01) for n in range(STREAK + 3)]
    assert told[-4:] == [True] * 4


@pytest.mark.parametrize("kind", [Answer.NONE, Answer.BAD])
@pytest.mark.parametrize("share", [0.05, 0.2])
@pytest.mark.parametrize("per_second", [400, 39, 2])
def test_faults_at_random_are_no_outage(
    kind: Answer, share: float, per_second: float
) -> None:
    """One in twenty or in five, a hundred thousand requests long."""
    dice = random.Random(7)  # noqa: S311 - repeatable
    answers = (kind if dice.random() < share else Answer.ALIVE for _ in range(100_000))
    assert first_trip(answers, every=1 / per_second) is None


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_bursts_are_no_outage(share: float) -> None:
    """A quarter of a second of 502, again and again, is borne by the attempts of its jobs."""
    dice = random.Random(7)  # noqa: S311 - repeatable
    bursts = (
        Answer.NONE if dice.random() < share else Answer.ALIVE for _ in range(10_000)
    )
    answers = (answer for answer in bursts for _ in range(10))
    assert first_trip(answers, every=1 / 39) is None
