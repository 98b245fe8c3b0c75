"""OMDb's payload into a record: pure, and nothing invented; "N/A" and what cannot be read is missing."""

from typing import Final

from cinegraph.records.movie import RatingRecord
from cinegraph.records.title import FactRecord, RatedTitleRecord
from cinegraph.sources.providers.omdb.awards import Awards, parse_awards
from cinegraph.sources.providers.omdb.payloads import (
    RatingPayload,
    Scalar,
    TitlePayload,
)
from cinegraph.sources.providers.omdb.values import (
    LARGEST_INTEGER,
    to_date,
    to_dollars,
    to_minutes,
    to_score,
    to_text,
    to_whole,
)

_IMDB: Final = "Internet Movie Database"
_ROTTEN_TOMATOES: Final = "Rotten Tomatoes"
_METACRITIC: Final = "Metacritic"


def to_title(payload: TitlePayload) -> RatedTitleRecord:
    """The title as a neutral record."""
    return RatedTitleRecord(
        imdb_id=payload.imdb_id,
        title=to_text(payload.title) or "",
        type=to_text(payload.type) or "",
        year=to_text(payload.year),
        released_on=to_date(payload.released),
        runtime_minutes=to_minutes(payload.runtime),
        ratings=_ratings(payload),
        facts=_facts(payload),
    )


def _ratings(payload: TitlePayload) -> tuple[RatingRecord, ...]:
    """One rating a house; a house's own field goes before its row of `Ratings`."""
    rows = payload.ratings if isinstance(payload.ratings, list) else []
    imdb = _first_score((payload.imdb_rating, _row(rows, _IMDB)), best=10, smallest=1)
    tomatoes = _first_score((_row(rows, _ROTTEN_TOMATOES),), best=100)
    metacritic = _first_score((payload.metascore, _row(rows, _METACRITIC)), best=100)
    votes = to_whole(payload.imdb_votes, smallest=1, largest=LARGEST_INTEGER)
    found = (
        ("imdb", imdb, votes),
        ("rotten_tomatoes", tomatoes, None),
        ("metacritic", metacritic, None),
    )
    return tuple(
        RatingRecord(kind, value, count)
        for kind, value, count in found
        if value is not None
    )


def _row(rows: list[RatingPayload], house: str) -> Scalar:
    return next((row.value for row in rows if to_text(row.source) == house), None)


def _first_score(
    values: tuple[Scalar, ...], *, best: int, smallest: float = 0.0
) -> float | None:
    """The first readable score; IMDb's scale begins at 1, a 0 % is a real one."""
    scores = (to_score(value, best=best, smallest=smallest) for value in values)
    return next((score for score in scores if score is not None), None)


def _facts(payload: TitlePayload) -> tuple[FactRecord, ...]:
    facts = []
    if rated := to_text(payload.rated):
        facts.append(FactRecord("rated", text=rated))
    if (dollars := to_dollars(payload.box_office)) is not None:
        facts.append(FactRecord("box_office_usd", number=dollars))
    if awards := to_text(payload.awards):
        facts.append(FactRecord("awards", text=awards))
        facts.extend(_award_facts(parse_awards(awards)))
    return tuple(facts)


def _award_facts(awards: Awards) -> list[FactRecord]:
    counts = {
        "award_wins": awards.wins,
        "award_nominations": awards.nominations,
        f"{awards.kind}_wins": awards.kind_wins,
        f"{awards.kind}_nominations": awards.kind_nominations,
    }
    return [
        FactRecord(kind, number=count)
        for kind, count in counts.items()
        if count is not None
    ]
