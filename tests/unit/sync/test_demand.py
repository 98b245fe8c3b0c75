"""Demand against capacity: what each strategy asks for, and a verdict nobody can misread."""

from datetime import UTC, datetime

import pytest

from cinegraph.sync import demand, pacing
from cinegraph.sync.demand import Counts
from cinegraph.sync.pacing import Alike, Intervals

NOW = datetime(2026, 9, 10, tzinfo=UTC)


def _alike(films: int, *, is_popular: bool = False, is_young: bool = False) -> Alike:
    return Alike(
        octaves=0,
        is_young=is_young,
        is_popular=is_popular,
        films=films,
        watched_days=0,
        moves=0,
        moved_days=0,
    )


def _weigh(
    films: int = 1_200_000, *, per_second: float = 39, backlog: int = 0
) -> demand.Outlook:
    looked = pacing.plan(
        [
            _alike(2_000, is_popular=True),
            _alike(40_000, is_young=True),
            _alike(films - 42_000),
        ],
        Intervals(1, 30),
    )
    counts = Counts(films=films, backlog=backlog, changed_a_day=9_000, pages_a_day=90)
    return demand.weigh(
        counts,
        looked,
        routine=demand.Routine(),
        requests_per_second=per_second,
        now=NOW,
    )


def test_looks_meet_the_budget_of_fixed_intervals() -> None:
    """Popular ones daily; the rest shares what is left."""
    asked = {each.strategy: each.requests_a_day for each in _weigh().demands}

    assert asked["popular"] == pytest.approx(2_000 / 0.95)
    assert asked["recent"] + asked["votes"] <= 40_000 + 1_158_000 / 30
    assert asked["changed"] == 9_000
    assert asked["terms"] == pytest.approx(1_200_000 / 135)
    assert asked["feed"] == 45 * 96


def test_what_the_budget_allows_is_met() -> None:
    """And the backlog's days are told beside it."""
    outlook = _weigh(backlog=1_000_000)

    assert outlook.is_met
    assert outlook.backlog_days == pytest.approx(
        1_000_000 / (39 * 86_400 - outlook.requests_a_day)
    )
    assert outlook.verdict.startswith("met: ")


@pytest.mark.parametrize(
    ("per_second", "word"), [(0.5, "too much"), (1.3, "tight"), (0, "no limit")]
)
def test_too_little_is_said(per_second: float, word: str) -> None:
    """In words that say what to do."""
    outlook = _weigh(per_second=per_second)

    assert outlook.verdict.startswith(word)
    assert outlook.is_met is (word != "too much")


def test_what_the_feed_does_not_prove_is_fetched_by_age() -> None:
    """All films within the week where the budget allows it; lists are read in any case."""
    counts = Counts(films=600_000, backlog=0, changed_a_day=None, pages_a_day=None)
    routine = demand.Routine(list_pages_a_day=336, is_proven=False)
    outlook = demand.weigh(
        counts, None, routine=routine, requests_per_second=39, now=NOW
    )
    asked = {each.strategy: each.requests_a_day for each in outlook.demands}
    assert (asked["unproven"], asked["lists"]) == (100_000, 336)


def test_lists_take_the_place_of_looks_at_popular_films() -> None:
    """A page tells the votes of twenty; what stands on none is looked at by itself."""
    looked = pacing.plan([_alike(2_000, is_popular=True)], Intervals(1, 30))
    counts = Counts(films=2_000, backlog=0, changed_a_day=None, pages_a_day=None)
    asked = []
    for is_listed in (False, True):
        outlook = demand.weigh(
            counts,
            looked,
            routine=demand.Routine(is_popular_listed=is_listed),
            requests_per_second=39,
            now=NOW,
        )
        asked += [d.requests_a_day for d in outlook.demands if d.strategy == "popular"]
    assert asked == [pytest.approx(2_000 / 0.95), pytest.approx(50 / 0.95)]


def test_an_empty_deployment_asks_for_nothing() -> None:
    """Nothing stored, no day of the feed done."""
    counts = Counts(films=0, backlog=0, changed_a_day=None, pages_a_day=None)
    outlook = demand.weigh(
        counts, None, routine=demand.Routine(), requests_per_second=39, now=NOW
    )

    assert outlook.requests_a_day == 0
    assert outlook.verdict == "met: 0% of the budget"
