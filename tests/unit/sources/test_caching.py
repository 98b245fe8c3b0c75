"""How old an answer is, by its headers."""

from datetime import timedelta

import pytest

from cinegraph.sources.caching import LONGEST, Cached, read_cached

MEMC = ("x-memc-age",)


def cached(age: float, left: float) -> Cached:
    """Return what caches did, in seconds."""
    return Cached(timedelta(seconds=age), timedelta(seconds=left))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, cached(0, 0)),
        ({"Cache-Control": "public, max-age=28800"}, cached(0, 28_800)),
        # As recorded of /movie/348: it came from both caches.
        (
            {
                "Cache-Control": "public, max-age=2622",
                "x-memc-age": "21236",
                "Age": "1126",
            },
            cached(22_362, 1_496),
        ),
        (
            {"x-memc-age": "9775", "Cache-Control": "public, max-age=13292"},
            cached(9_775, 13_292),
        ),
        ({"Age": "50", "Cache-Control": "max-age=20"}, cached(50, 0)),
        ({"Age": " 7 ", "Cache-Control": 'Public,Max-Age="9"'}, cached(7, 2)),
        ({"Cache-Control": "s-maxage=9, x-max-age=8"}, cached(0, 0)),
    ],
)
def test_both_caches_are_counted(headers: dict[str, str], expected: Cached) -> None:
    """`Age` begins where the network got the answer, which had its age by then."""
    assert read_cached(headers, MEMC) == expected


@pytest.mark.parametrize("odd", ["", "-5", "1.5", "soon", "٣", "9" * 40])
def test_what_is_no_number_says_nothing(odd: str) -> None:
    """A header is somebody's word."""
    found = read_cached(
        {"Age": odd, "x-memc-age": odd, "Cache-Control": f"max-age={odd}"}, MEMC
    )

    assert found.age == timedelta(0)
    assert found.left <= timedelta(seconds=1)


def test_nothing_is_believed_to_last_longer_than_a_day() -> None:
    """A year in a header would keep a film from being asked for."""
    huge = {"Age": "0", "Cache-Control": "max-age=31536000"}

    assert read_cached(huge).left == LONGEST
    assert read_cached({"Age": "9999999999"}).age == LONGEST
