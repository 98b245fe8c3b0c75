"""Which request meets which fault."""

from collections import Counter
from enum import StrEnum

import pytest

from cinegraph.errors import UsageError
from cinegraph.sandbox.faults import Fault, FaultPlan, OmdbFault, parse_faults


def _choices(plan: FaultPlan, paths: int, times: int = 1) -> list[StrEnum | None]:
    """Ask for so many paths, each so many times."""
    return [
        plan.choose(f"/3/movie/{path}", is_film=True)[0]
        for _ in range(times)
        for path in range(paths)
    ]


def test_names_and_shares_are_read() -> None:
    """A name alone is 5 %, `all` is every fault, a later word wins."""
    assert parse_faults(["cut"]) == {"cut": 0.05}
    assert parse_faults(["all=0.01", "5xx=0.5"]) == dict.fromkeys(Fault, 0.01) | {
        "5xx": 0.5
    }
    assert parse_faults([]) == {}


@pytest.mark.parametrize("word", ["nonsense", "cut=much", "cut=2", "cut=-1", "cut=nan"])
def test_what_is_no_fault_is_refused(word: str) -> None:
    """A mistake is told with a hint, not ignored."""
    with pytest.raises(UsageError) as caught:
        parse_faults([word])

    assert caught.value.hint


def test_more_than_every_answer_cannot_be_spoilt() -> None:
    """Shares that add up to more than 1 are refused."""
    with pytest.raises(UsageError):
        parse_faults(["all=0.2"])


def test_the_same_seed_chooses_the_same_faults() -> None:
    """A run can be repeated, and another seed gives another."""
    shares = parse_faults(["all=0.05"])
    one, same, other = (FaultPlan(shares, seed) for seed in (1, 1, 2))
    first = _choices(one, 300)

    assert first == _choices(same, 300) != _choices(other, 300)


def test_choices_do_not_depend_on_the_order_of_paths() -> None:
    """Except outages, a fault belongs to a path and how often it was asked."""
    shares = parse_faults(["cut=0.2", "html=0.2"])
    one, other = FaultPlan(shares, 1), FaultPlan(shares, 1)
    forwards = [one.choose(f"/{n}", is_film=True) for n in range(100)]
    backwards = [other.choose(f"/{n}", is_film=True) for n in reversed(range(100))]

    assert forwards == backwards[::-1]


def test_shares_are_kept() -> None:
    """Each fault meets about its share of the requests, and the rest is whole."""
    counts = Counter(_choices(FaultPlan(parse_faults(["all=0.05"]), 1), 5_000, 2))

    for fault in Fault:
        assert 350 < counts[fault] < 650, fault
    assert 5_000 < counts[None] < 6_000


def test_outages_come_in_bursts() -> None:
    """A 5xx is followed by others, whatever is asked."""
    choices = _choices(FaultPlan({"5xx": 0.1}, 1), 5_000)
    runs = "".join("x" if choice else "." for choice in choices).split(".")
    lengths = [len(run) for run in runs if run]

    assert min(lengths) == 10


def test_a_lie_is_followed_by_the_truth() -> None:
    """A path told an untrue 404 is not told another before it was answered truly."""
    plan = FaultPlan({"not-found": 0.5, "cut": 0.4}, 1)
    lied = False
    lies = 0
    for _ in range(500):
        fault = plan.choose("/3/movie/1", is_film=True)[0]
        assert not (lied and fault is Fault.NOT_FOUND)
        if fault is Fault.NOT_FOUND:
            lied = True
            lies += 1
        elif fault is None:
            lied = False

    assert lies > 20


def test_only_films_are_denied() -> None:
    """A list is never said not to be there."""
    plan = FaultPlan({"not-found": 1.0}, 1)

    assert plan.choose("/3/movie/popular", is_film=False)[0] is None


def test_faults_end_when_told() -> None:
    """After the time given every answer is whole."""
    time = 100.0
    plan = FaultPlan({"cut": 1.0}, 1, until_seconds=5, now=lambda: time)
    assert plan.choose("/", is_film=False)[0] is Fault.CUT
    time = 105.0

    assert plan.choose("/", is_film=False)[0] is None


def test_nothing_is_remembered_without_faults() -> None:
    """A long run without faults costs no memory."""
    plan = FaultPlan({}, 1)
    _choices(plan, 100)

    assert plan._asked == {}


class TestOmdb:
    """The faults of the second upstream."""

    def test_names_without_its_prefix_are_not_its_own(self) -> None:
        """`all` is TMDB's, `omdb-all` is OMDb's, and each adds up on its own."""
        shares = parse_faults(["all=0.1", "omdb-all=0.15", "omdb-json"])

        assert {name for name in shares if shares[name] == 0.15} == set(OmdbFault) - {
            OmdbFault.JSON
        }
        assert FaultPlan(shares, 1).shares.keys() == set(Fault)
        assert FaultPlan(shares, 1, kinds=OmdbFault).shares.keys() == set(OmdbFault)
        with pytest.raises(UsageError):
            parse_faults(["omdb-all=0.2"])

    def test_its_shares_are_kept(self) -> None:
        """Each fault meets about its share of the requests."""
        plan = FaultPlan(parse_faults(["omdb-all=0.1"]), 1, kinds=OmdbFault)
        counts = Counter(_choices(plan, 5_000, 2))

        for fault in OmdbFault:
            assert 700 < counts[fault] < 1_300, fault

    def test_a_broken_plot_stays_broken(self) -> None:
        """A title that is no JSON is none whenever it is asked for."""
        plan = FaultPlan({"omdb-json": 0.3}, 1, kinds=OmdbFault)
        once, again = _choices(plan, 300), _choices(plan, 300)

        assert once == again
        assert 60 < once.count(OmdbFault.JSON) < 120
