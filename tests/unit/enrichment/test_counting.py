"""Who of a film's credits counts as having worked together."""

from cinegraph.enrichment.collaborations.counting import (
    DIRECTOR,
    KEY_CREW,
    MOST_CAST,
    MOST_DIRECTORS,
    MOST_PEOPLE,
    Credit,
    choose,
)


def test_roles_are_told_in_a_fixed_order() -> None:
    """Cast, then jobs as the table of jobs has them, each once."""
    credited = [
        Credit(1, "Editor"),
        Credit(1, "Writer"),
        Credit(1, "Director"),
        Credit(1, None),
        Credit(1, None),
        Credit(2, "Gaffer"),
    ]

    assert choose(credited) == {1: ("cast", "Director", "Writer", "Editor")}


def test_the_cast_named_first_counts() -> None:
    """Who plays two parts takes one place."""
    cast = [Credit(1, None), Credit(1, None)]
    cast += [Credit(person, None) for person in range(2, 100)]

    assert list(choose(cast)) == list(range(1, MOST_CAST + 1))


def test_a_part_far_behind_is_no_role() -> None:
    """A director who is seen for a moment counts as director alone."""
    cast = [Credit(person, None) for person in range(1, 40)]

    assert choose([*cast, Credit(39, DIRECTOR)])[39] == (DIRECTOR,)


def test_a_film_has_no_more_people_than_the_cap() -> None:
    """Directors and cast are there whatever the crew; of the crew those whose job is named first."""
    credited = [Credit(1000 + n, DIRECTOR) for n in range(MOST_DIRECTORS - 2)]
    credited += [Credit(n, None) for n in range(50)]
    credited += [Credit(2000 + n, job) for n, job in enumerate(reversed(KEY_CREW))]

    chosen = choose(credited)

    assert len(chosen) == MOST_PEOPLE
    crew = [person for person in chosen if person >= 2000]
    assert [chosen[person] for person in crew] == [("Writer",), ("Screenplay",)]


def test_films_of_many_episodes_have_their_directors_capped() -> None:
    """The first ones count."""
    credited = [Credit(n, DIRECTOR) for n in range(35)]

    assert list(choose(credited)) == list(range(MOST_DIRECTORS))


def test_nobody_counts_for_a_film_without_credits() -> None:
    """Nor for one with crew that does not shape it."""
    assert choose([]) == {}
    assert choose([Credit(1, "Gaffer")]) == {}
