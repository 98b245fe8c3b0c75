"""Other spellings of a name."""

import pytest

from cinegraph.sandbox.awards.spellings import respell


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        (
            "Chloé Zhao",
            {"Chloe Zhao", "C. Zhao", "Chloé A. Zhao", "Chloé Zhao Jr.", "Zhao Chloé"},
        ),
        (
            "Wong Kar-wai",
            {"W. Kar-wai", "Wong A. Kar-wai", "Wong Kar-wai Jr.", "Kar-wai Wong"},
        ),
        ("Ada Lou Quill", {"A. Lou Quill", "Ada Quill", "Ada Lou Quill Jr."}),
        ("Bob Quill, Jr.", {"B. Quill, Jr.", "Bob Quill"}),
        ("Björk", {"Bjork"}),
    ],
)
def test_a_name_has_several(name: str, spellings: set[str]) -> None:
    """Initials, middle names, accents, juniors, and the family first; the draw chooses."""
    drawn = [respell(name, place / 1_000) for place in range(1_000)]
    first_middles = {
        one.replace(f" {m}. ", " A. ") for one in drawn if one for m in _MIDDLES
    }

    assert None not in drawn
    assert name not in drawn
    assert spellings <= first_middles


_MIDDLES = "ABCDEFGHJLMRSTW"


def test_some_have_none() -> None:
    """A single word without accents is always spelt so."""
    assert respell("Cher", 0.5) is None
