"""What changes make due, and how what is due is computed."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.enrichment.due.kinds import (
    FOLLOWED,
    Beside,
    Enrichment,
    Former,
    Happened,
    Kind,
    Mark,
    Spread,
    plan_due,
)
from cinegraph.enrichment.due.passes import PassState
from cinegraph.enrichment.due.taking import (
    PATIENCE,
    QUIET,
    REST,
    DueCount,
    How,
    Taken,
    choose,
    find_untold,
    is_old,
    is_outdated,
    most_matter,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
FILMS = 1000


def changed(movie_id: int, *fields: str) -> Happened:
    """Return a change of some fields."""
    return Happened(movie_id, "changed", fields, None)


def whole(**facts: object) -> PassState:
    """Return where computing all films stands; nothing is wanted."""
    told: dict[str, object] = {
        "enrichment": Enrichment.RECOMMENDATIONS,
        "wanted_at": None,
        "wanted_for": None,
        "began_at": None,
        "films_done": 0,
        "finished_at": NOON - timedelta(hours=1),
        "finished_in": timedelta(minutes=1),
        "spread_cut": 0,
        "version": "1",
    }
    return PassState(**(told | facts))  # type: ignore[arg-type]


def due(films: int, **facts: datetime) -> DueCount:
    """Return so many films that are due for a minute, and no more that come."""
    told = {"first_at": NOON - timedelta(minutes=1), "last_at": NOON - QUIET}
    return DueCount(films, **(told | facts))


def kinds(changes: list[Happened]) -> set[Enrichment]:
    """Return what changes make due."""
    return {mark.enrichment for mark in plan_due(changes).marks}


def test_a_change_concerns_exactly_the_kinds_that_follow_it() -> None:
    """Money is counted by pairs alone, a theme by what resembles, a homepage by nobody."""
    assert kinds([changed(1, "revenue_usd")]) == {Enrichment.COLLABORATIONS}
    assert kinds([changed(1, "keywords")]) == {Enrichment.RECOMMENDATIONS}
    assert kinds([changed(1, "homepage", "popularity")]) == set()
    assert kinds([changed(1, "credits")]) == {
        Enrichment.COLLABORATIONS,
        Enrichment.CRI_SCORE,
        Enrichment.RECOMMENDATIONS,
    }


@pytest.mark.parametrize("action", ["added", "gone", "revived", "unmerged"])
def test_what_concerns_a_film_as_a_whole_concerns_all_kinds(action: str) -> None:
    """It is there, or it is not."""
    assert kinds([Happened(1, action, (), None)]) == set(Enrichment)


def test_both_films_of_a_merge_are_due() -> None:
    """The one that is another now, and that other."""
    planned = plan_due([Happened(1, "merged", (), 2)])

    assert {mark.movie_id for mark in planned.marks} == {1, 2}


def test_a_film_is_due_once_a_kind() -> None:
    """However often it changed, with the last reason."""
    planned = plan_due(
        [changed(1, "credits"), changed(1, "ratings"), changed(1, "credits")]
    )

    ours = [one for one in planned.marks if one.enrichment is Enrichment.COLLABORATIONS]
    assert ours == [Mark(Enrichment.COLLABORATIONS, 1, "credits")]


def test_lists_spread_to_films_of_the_same_director() -> None:
    """And what TMDB recommends beside a film is concerned by that, not the film itself."""
    planned = plan_due([changed(1, "lists"), changed(2, "recommendations")])

    assert planned.spreads == [
        Spread(Enrichment.CRI_SCORE, 1, Beside.SAME_DIRECTOR, "lists"),
        Spread(Enrichment.CRI_SCORE, 2, Beside.NAMED, "recommendations"),
        Spread(Enrichment.RECOMMENDATIONS, 2, Beside.NAMED, "recommendations"),
    ]
    assert Mark(Enrichment.RECOMMENDATIONS, 2, "recommendations") in planned.marks
    assert all(
        mark.enrichment is not Enrichment.CRI_SCORE or mark.movie_id == 1
        for mark in planned.marks
    )


def test_a_film_that_comes_or_goes_matters_beside_it_where_it_is_in_a_canon() -> None:
    """Whether it is one is asked of the tables; most are in none."""
    planned = plan_due([Happened(1, "gone", (), None)])

    ways = {
        one.beside for one in planned.spreads if one.enrichment is Enrichment.CRI_SCORE
    }
    assert ways == {Beside.CANON_DIRECTOR, Beside.NAMED}


def test_what_was_beside_a_film_spreads_though_its_change_is_still_to_come() -> None:
    """It is taken away now, and the log may come to the change in its next turn."""
    planned = plan_due(
        [changed(1, "ratings")],
        [Former(1, "credits", 5), Former(1, "recommendations", 7)],
    )

    assert planned.spreads == [
        Spread(Enrichment.CRI_SCORE, 1, Beside.CANON_DIRECTOR, "credits"),
        Spread(Enrichment.CRI_SCORE, 1, Beside.NAMED, "recommendations"),
        Spread(Enrichment.RECOMMENDATIONS, 1, Beside.NAMED, "recommendations"),
    ]


def test_who_is_told_is_beside_what_changed_itself() -> None:
    """Of a film that is due for a neighbour's sake nobody, but what was left untold before."""
    own, spread = (
        Taken(1, is_spread=False, untold=()),
        Taken(2, is_spread=True, untold=()),
    )

    assert find_untold([own, spread], [2, 3]) == [3]
    assert find_untold([spread], [3]) == []
    assert find_untold([Taken(2, is_spread=True, untold=(4,))], [3]) == [4]


def test_another_version_has_all_films_computed_once() -> None:
    """Not where that is wanted already, or is done."""
    kind = FOLLOWED[Enrichment.RECOMMENDATIONS]

    assert is_outdated(kind, whole(version="0"))
    assert is_outdated(kind, whole(version=None))
    assert not is_outdated(kind, whole(version=kind.version))
    assert not is_outdated(kind, whole(version="0", wanted_at=NOON))
    assert not is_outdated(kind, whole(version="0", began_at=NOON))


def test_every_reason_is_said() -> None:
    """The reference is made of them."""
    for kind in FOLLOWED.values():
        assert all(kind.fields.values())


def test_few_films_get_jobs_of_their_own_and_more_a_pass() -> None:
    """Few are seen and retried alone."""
    kind = FOLLOWED[Enrichment.COLLABORATIONS]

    def how(films: int) -> How:
        return choose(kind, whole(), due(films), films=FILMS, now=NOON)

    assert how(0) is How.NOT
    assert how(kind.most_alone) is How.ALONE
    assert how(kind.most_alone + 1) is How.DUE
    assert how(FILMS) is How.DUE


def test_where_many_are_due_all_are_computed() -> None:
    """Where that is cheaper, and not again at once: until then one after the other, or not while more come."""
    kind = Kind(fields={}, version="1", settle_seconds=0, most_alone=2, all_share=0.1)
    took = timedelta(minutes=1)

    def how(finished: datetime | None, **facts: datetime) -> How:
        state = whole(finished_at=finished, finished_in=finished and took)
        many = due(most_matter(kind, FILMS) + 1, **facts)
        return choose(kind, state, many, films=FILMS, now=NOON)

    assert how(None) is How.ALL
    assert how(NOON - REST * took) is How.ALL
    too_soon = NOON - REST * took + timedelta(seconds=1)
    assert how(too_soon) is How.DUE
    assert how(too_soon, last_at=NOON) is How.NOT


def test_an_import_of_many_films_is_one_pass_at_its_end() -> None:
    """While more come, many are left; but not for hours, and few are not."""
    kind = FOLLOWED[Enrichment.CRI_SCORE]
    settle = timedelta(seconds=kind.settle_seconds)
    now, long_ago = NOON + settle - timedelta(seconds=1), NOON - PATIENCE
    many, few = kind.most_alone + 1, kind.most_alone

    def how(films: int, **facts: datetime) -> How:
        counted = due(films, **facts)
        return choose(kind, whole(), counted, films=100_000, now=NOON)

    assert how(many, last_at=now) is How.NOT
    assert how(many, last_at=NOON + settle - QUIET) is How.DUE
    assert how(many, last_at=now, first_at=long_ago) is How.DUE
    assert how(few, last_at=now) is How.ALONE
    hasty = Kind(fields={}, version="1", settle_seconds=0, most_alone=few)
    counted = due(many, last_at=now)
    assert choose(hasty, whole(), counted, films=FILMS, now=NOON) is How.DUE


def test_a_wanted_pass_comes_first_and_in_its_time() -> None:
    """One that failed or was cancelled waits."""
    kind = FOLLOWED[Enrichment.CRI_SCORE]
    later = NOON + timedelta(hours=1)

    def how(wanted: datetime) -> How:
        state = whole(wanted_at=wanted)
        return choose(kind, state, due(1), films=FILMS, now=NOON)

    assert how(NOON) is How.ALL
    assert how(later) is How.ALONE


def test_many_due_films_do_not_bring_back_a_pass_that_was_put_off() -> None:
    """It failed, or a person cancelled it: it would fail again at once, or run against their will."""
    kind = FOLLOWED[Enrichment.CRI_SCORE]
    many = due(most_matter(kind, FILMS) + 1)

    def how(wanted: datetime | None) -> How:
        return choose(kind, whole(wanted_at=wanted), many, films=FILMS, now=NOON)

    assert how(NOON + timedelta(hours=1)) is How.NOT
    assert how(None) is How.ALL
    assert how(NOON) is How.ALL


def test_what_is_held_against_all_films_grows_old() -> None:
    """Pairs are counted exactly and never do."""
    day = timedelta(days=1)

    def old(enrichment: Enrichment, **facts: object) -> bool:
        return is_old(FOLLOWED[enrichment], whole(**facts), NOON)

    assert old(Enrichment.CRI_SCORE, finished_at=NOON - day)
    assert not old(Enrichment.CRI_SCORE, finished_at=NOON - day / 2)
    assert not old(Enrichment.CRI_SCORE, finished_at=None, wanted_at=NOON)
    assert not old(Enrichment.RECOMMENDATIONS, finished_at=NOON - day)
    assert not old(Enrichment.COLLABORATIONS, finished_at=None)
