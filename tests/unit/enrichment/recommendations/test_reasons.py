"""Telling why a film is recommended."""

from cinegraph.enrichment.recommendations.kinds import BY_NAME, COUNT
from cinegraph.enrichment.recommendations.reasons import (
    find_reasons,
    find_shared_words,
    tell,
)


def parts(**shares: int) -> bytes:
    """Return parts as stored, by kind, in 255ths."""
    found = bytearray(COUNT)
    for name, share in shares.items():
        found[BY_NAME[name].id - 1] = share
    return bytes(found)


def test_director_and_actors_are_told_together() -> None:
    """As people say it."""
    shared = {"director": ["Ada"], "cast": ["Bo", "Cy", "Di", "Ed", "Flo"]}
    reasons = find_reasons(parts(director=150, cast=80), shared)

    assert (
        tell(reasons) == "same director (Ada) and 5 actors (Bo, Cy, Di, Ed and 1 more)"
    )


def test_the_weightiest_reason_comes_first() -> None:
    """And what adds nearly nothing is none."""
    shared = {"keywords": ["heist", "long take"], "genres": ["Crime"], "series": ["S"]}
    reasons = find_reasons(parts(keywords=180, genres=60, series=5), shared)

    assert [one.kind for one in reasons] == ["keywords", "genres"]
    assert tell(reasons) == "themes: heist, long take; genres: Crime"


def test_a_director_who_also_writes_is_told_once() -> None:
    """Others of the crew are told beside."""
    shared = {"director": ["Ada"], "crew": ["Ada", "Bo"]}

    assert (
        tell(find_reasons(parts(director=130, crew=120), shared))
        == "same director (Ada); both made by Bo"
    )


def test_what_is_no_longer_shared_is_not_told() -> None:
    """What was computed may be older than what is read now."""
    assert tell(find_reasons(parts(series=255), {})) == "alike in many small ways"


def test_shared_words_are_written_as_the_film_writes_them() -> None:
    """Found by their stem."""
    assert find_shared_words(("The Vampires", None, "of Paris"), ("A vampire",)) == [
        "Vampires"
    ]
