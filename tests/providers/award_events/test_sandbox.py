"""What the imitation writes is what the reader reads."""

from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
)
from cinegraph.sources.providers.award_events.events import read_event
from cinegraph.sources.providers.award_events.sandbox import event_body


def _nomination(category: str, imdb_id: str, *, wins: bool) -> NominationStatement:
    return NominationStatement(
        category=category,
        canonical_category=category,
        category_class="palme d'or",
        films=(FilmStatement("", imdb_id),),
        is_winner=wins,
    )


def test_a_file_says_the_editions_it_was_written_of() -> None:
    """The latest first; a second edition of a year has its own key."""
    editions = tuple(
        EditionStatement(
            number=None,
            year=year,
            part=part,
            nominations=(
                _nomination("palme d'or", "tt0000001", wins=False),
                _nomination("palme d'or", "tt0000002", wins=True),
                _nomination("jury prize: yes", "tt0000001", wins=True),
            ),
        )
        for year, part in ((2024, 1), (1930, 2), (1930, 1))
    )
    file = read_event(event_body(reversed(editions)))

    assert file.editions == editions
    assert file.unreadable == ()
