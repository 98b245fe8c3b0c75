"""Who joins, stays and leaves."""

from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.membership import Member, Placed, claim, plan


def member(number: int, *, has_left: bool = False, **facts: object) -> Member:
    """Return a member with an IMDb id."""
    imdb_id = f"tt{number:07}"
    told = {"imdb_id": imdb_id, "tmdb_id": None, "movie_id": None} | facts
    return Member(key=imdb_id, has_left=has_left, **told)  # type: ignore[arg-type]


def found(number: int, movie_id: int | None = None) -> Placed:
    """Return a film that a source names by its IMDb id."""
    return Placed(Entry(imdb_id=f"tt{number:07}"), movie_id)


def test_members_are_made_equal() -> None:
    """New ones join, missing ones leave, who had left stands again."""
    planned = plan(
        [member(1), member(2), member(3, has_left=True)], [found(1), found(3)]
    )

    assert [each.key for each in planned.standing] == ["tt0000001", "tt0000003"]
    assert planned.leaving == ("tt0000002",)
    assert planned.objection is None


def test_a_film_of_another_id_stays_the_same_member() -> None:
    """A list that came from IMDb comes from TMDB now: nobody leaves."""
    members = [member(1, tmdb_id=7), member(2, movie_id=20), member(3)]
    placed = [
        Placed(Entry(tmdb_id=7), None),
        Placed(Entry(tmdb_id=8), 20),
        Placed(Entry(tmdb_id=9), None),
    ]

    planned = plan(members, placed)

    assert [each.key for each in planned.standing] == ["tt0000001", "tt0000002", "9"]
    assert planned.leaving == ("tt0000003",)


def test_a_member_is_given_to_one_entry() -> None:
    """Its own key comes first, whatever else is the same film."""
    placed = [Placed(Entry(tmdb_id=8), 20), found(2, 20)]

    planned = plan([member(2, movie_id=20)], placed)

    assert [each.key for each in planned.standing] == ["8", "tt0000002"]
    assert planned.leaving == ()


def test_a_few_may_always_leave_and_many_never() -> None:
    """Five of a short list, a fifth of a long one."""
    short = plan([member(n) for n in range(6)], [found(5)])
    long = plan([member(n) for n in range(100)], [found(n) for n in range(80)])
    shorter = plan([member(n) for n in range(100)], [found(n) for n in range(79)])

    assert (short.objection, long.objection) == (None, None)
    assert "21 of 100 members would leave" in (shorter.objection or "")


def test_another_list_of_the_same_length_is_objected_to() -> None:
    """It is not the number that counts, but who leaves."""
    planned = plan([member(n) for n in range(10)], [found(n) for n in range(100, 110)])

    assert planned.objection is not None


def test_a_film_is_claimed_once_by_the_first_in_rank() -> None:
    """Of two entries that are one film the other is known without it."""
    placed = [
        Placed(Entry(position=9, imdb_id="tt0000001"), 20),
        Placed(Entry(position=2, tmdb_id=7), 20),
        Placed(Entry(imdb_id="tt0000003"), None),
    ]

    assert [each.movie_id for each in claim(placed)] == [None, 20, None]
