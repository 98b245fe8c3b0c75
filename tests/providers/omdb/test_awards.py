"""Sentences about awards: every wording seen."""

import pytest

from cinegraph.sources.providers.omdb.awards import Awards, parse_awards

# wins, nominations, kind, its wins, its nominations
SENTENCES: dict[
    str, tuple[int | None, int | None, str | None, int | None, int | None]
] = {
    "Won 7 Oscars. 18 wins & 12 nominations total": (18, 12, "oscar", 7, None),
    "Won 1 Oscar. 9 wins total": (9, None, "oscar", 1, None),
    "Nominated for 1 Oscar. Another 3 wins.": (3, 1, "oscar", None, 1),
    "Nominated for 2 Oscars. Another 3 wins & 4 nominations.": (3, 6, "oscar", None, 2),
    "Won 4 Oscars. Another 33 wins & 44 nominations.": (37, 44, "oscar", 4, None),
    "Nominated for 1 Oscar. 5 nominations total": (None, 5, "oscar", None, 1),
    "Nominated for 1 Oscar. 5 wins total": (5, 1, "oscar", None, 1),
    "Won 2 Oscars. 5 nominations total": (2, 5, "oscar", 2, None),
    "Won 1 Oscar.": (1, None, "oscar", 1, None),
    "Nominated for 3 Oscars": (None, 3, "oscar", None, 3),
    "Nominated for 1 BAFTA Award2 wins & 9 nominations total": (2, 9, "bafta", None, 1),
    "Won 1 BAFTA 7 wins & 2 nominations total": (7, 2, "bafta", 1, None),
    "Nominated for 1 BAFTA Film Award. Another 5 wins.": (5, 1, "bafta", None, 1),
    "Won 2 Primetime Emmys. 8 wins & 1 nomination total": (8, 1, "emmy", 2, None),
    "Nominated for 1 Golden Globe. Another 2 wins & 3 nominations.": (
        2,
        4,
        "golden_globe",
        None,
        1,
    ),
    "Won 1 Palme d'Or. 2 wins total": (2, None, None, None, None),
    "Won 1 Golden Bear. Another 2 wins.": (3, None, None, None, None),
    "1 win.": (1, None, None, None, None),
    "1 win & 1 nomination total": (1, 1, None, None, None),
    "9 wins & 20 nominations.": (9, 20, None, None, None),
    "3 nominations": (None, 3, None, None, None),
    "Winner of hearts": (None, None, None, None, None),
    "Won 999999999 Oscars. Another 2 wins.": (2, None, "oscar", None, None),
}


@pytest.mark.parametrize("text", SENTENCES)
def test_sentence(text: str) -> None:
    """Sums of everything, and the award named by itself."""
    assert parse_awards(text) == Awards(*SENTENCES[text])
