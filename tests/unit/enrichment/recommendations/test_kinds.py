"""The table of what films can have in common."""

from pathlib import Path

from cinegraph.db.sql import load
from cinegraph.enrichment.collaborations.counting import JOBS
from cinegraph.enrichment.recommendations.kinds import (
    COUNT,
    CREW_VALUES,
    DIRECTORS,
    KINDS,
)


def test_kinds_are_numbered_as_they_are_stored() -> None:
    """A byte of recommendation_movies.parts for each, in their order; the view counts on how many there are."""
    assert [kind.id for kind in KINDS] == list(range(1, COUNT + 1))
    migration = load("cinegraph.db.migrations", "enrichment/05_recommendations.sql")
    named = ", ".join(f"({kind.id}, '{kind.name}')" for kind in KINDS)
    assert named in " ".join(migration.split())
    assert f"* {COUNT} + kind.id - 1" in migration


def test_every_weight_has_a_reason() -> None:
    """And is worth something."""
    assert all(kind.reason and 0 < kind.weight <= 1 for kind in KINDS)


def test_the_crew_is_that_of_collaborations() -> None:
    """The director counts on their own."""
    assert {DIRECTORS, *CREW_VALUES} == set(JOBS)


def test_the_guide_tells_every_weight() -> None:
    """As the table has it."""
    guide = Path(__file__).parents[4] / "docs" / "guides" / "recommendations.md"
    told = guide.read_text(encoding="utf-8")

    for kind in KINDS:
        assert f"| {kind.name} | {kind.weight:.2f} | {kind.reason} |" in told
