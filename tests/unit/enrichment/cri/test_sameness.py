"""What has to be held out with a list."""

from cinegraph.enrichment.cri.sameness import (
    List,
    Members,
    find_derived,
    find_registry_lists,
)


def members(*numbers: int) -> frozenset[str]:
    """Return films."""
    return frozenset(f"tt{number}" for number in numbers)


def ids(first: int, last: int) -> frozenset[str]:
    """Return many films."""
    return members(*range(first, last))


MINE = List(1, "mine", "Mine", "file", "")
OTHER = List(2, "other", "Other", "file", "")


def held(
    own: frozenset[str],
    other: frozenset[str] = frozenset(),
    **categories: frozenset[str],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return which lists and categories are held out with `MINE`; each category is of a festival of its own."""
    found, told = find_derived(
        MINE,
        [MINE, OTHER],
        Members(
            {1: own, 2: other},
            {
                number: (name, "best film", films, frozenset())
                for number, (name, films) in enumerate(categories.items(), start=10)
            },
        ),
    )
    assert len(told) == len(found.lists) - 1 + len(found.categories)
    return found.lists, found.categories


def test_a_list_holds_itself_out() -> None:
    """And nothing else, where nothing is alike."""
    assert held(ids(0, 100), ids(50, 150), oscars=ids(0, 900)) == ((1,), ())


def test_a_list_made_of_another_is_held_out_with_it() -> None:
    """In both directions: the part of the whole, and the whole of the part."""
    assert held(ids(0, 100), ids(0, 25))[0] == (1, 2)
    assert held(ids(0, 25), ids(0, 100))[0] == (1, 2)
    assert held(ids(0, 25), ids(6, 100))[0] == (1,)


def test_of_few_films_nothing_can_be_told() -> None:
    """Four common films are chance."""
    assert held(ids(0, 100), ids(0, 4))[0] == (1,)


def test_an_event_of_the_same_films_is_held_out() -> None:
    """But not one that only contains them: most known films were nominated for something."""
    assert held(ids(0, 100), oscars=ids(0, 120)) == ((1,), (10,))
    assert held(ids(0, 100), oscars=ids(0, 5000)) == ((1,), ())


def test_an_event_of_which_one_category_is_the_list_is_held_out_whole() -> None:
    """Who competes for one prize competes for the others of that evening."""
    found, told = find_derived(
        MINE,
        [MINE],
        Members(
            {1: ids(0, 50)},
            {
                10: ("oscars", "best picture", ids(0, 300), ids(0, 52)),
                11: ("oscars", "sound", ids(0, 300), ids(20, 90)),
                12: ("cannes", "best film", ids(0, 300), ids(20, 90)),
            },
        ),
    )

    assert found.categories == (10, 11)
    assert [one.name for one in told] == ["oscars"]
    assert "of best picture" in told[0].reason


def test_what_is_known_is_not_measured() -> None:
    """The registry is an awards event, whatever is stored of either; so is a list that an event makes."""
    registry = List(1, "registry", "Registry", "file", "")
    event = List(3, "kept", "Kept", "event", "registry")
    everything = Members(
        {1: ids(0, 9)}, {10: ("registry", "registry", ids(500, 600), frozenset())}
    )
    for target in (registry, event):
        found, told = find_derived(target, [registry, event, OTHER], everything)
        assert sorted(found.lists) == [1, 3]
        assert found.categories == (10,)
        assert all(one.overlap is None for one in told)


def test_registry_under_another_name_is_found() -> None:
    """By its key or by its films; the event's own list is none beside it."""
    everything = Members(
        {1: ids(0, 99), 2: ids(50, 250), 3: ids(0, 99)},
        {10: ("registry", "registry", ids(0, 100), frozenset())},
    )
    lists = [MINE, OTHER, List(3, "x", "X", "event", "registry")]
    assert find_registry_lists(lists, everything) == (1,)
    named = [List(7, "nfr", "NFR", "file", "")]
    assert find_registry_lists(named, everything) == (7,)
