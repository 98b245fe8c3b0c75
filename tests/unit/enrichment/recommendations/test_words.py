"""Words of overviews."""

import pytest

from cinegraph.enrichment.recommendations.words import (
    MOST_WORDS,
    extract,
    spell,
    stem,
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Vampires", "vampire"),
        ("family's", "family"),
        ("Stories", "story"),
        ("boss", "boss"),
        ("Amélie", "amelie"),
        ("O'Brien", "o'brien"),
        ("das", "das"),
    ],
)
def test_words_are_told_by_their_stem(word: str, expected: str) -> None:
    """Whatever accents, case, possessive and plural."""
    assert stem(word) == expected


def test_words_that_tell_nothing_are_left_out() -> None:
    """Short ones, and those of any overview."""
    assert [word for word, _ in spell("He must find the lost Vampires in 1999")] == [
        "lost",
        "Vampires",
    ]


def test_keys_are_ascending_and_each_once() -> None:
    """Whatever the order and number of times; a missing text has none."""
    keys = extract("robots rob banks", None, "Banks: a robot").tolist()

    assert keys == sorted(set(keys))
    assert keys == extract("bank robot rob").tolist()


def test_no_film_has_more_words_than_it_may() -> None:
    """A novel of an overview counts no more than others."""
    text = " ".join(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(200))

    assert len(extract(text)) == MOST_WORDS
    assert len(extract("")) == 0
