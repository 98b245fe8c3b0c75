"""What OMDb and IMDb say of the invented films: ratings of three houses, box office, awards."""

# ruff: noqa: PLR2004 - shares and sizes are the data this module is about

from collections.abc import Iterator
from random import Random

from cinegraph.records.movie import MovieRecord, RatingRecord
from cinegraph.records.title import FactRecord, RatedTitleRecord
from cinegraph.sandbox.dice import dice, mix, unit
from cinegraph.sandbox.films import Standing

_KNOWN_RANKS = 10_000
"""Films of at least this popularity are known to nearly every house; of the others few are."""
_NOT_HELD_SHARE = 0.03
"""Titles OMDb does not hold although IMDb has them."""
_UNRATED_SHARE = 0.15
_UNRATED_KNOWN_SHARE = 0.005
_FEWEST_VOTES = 5
"""IMDb shows no rating below five votes."""
_SERIES_SHARE = 0.004
"""TMDB's films that OMDb calls a series."""
_BILLIONS_RANKS = 3
_RATED = (
    *(["R"] * 12), *(["PG-13"] * 6), *(["PG"] * 5), "G", "G", "Not Rated", "Not Rated", "Approved", "TV-PG", "TV-14",
    "TV-MA", "NC-17", "Unrated", "TV-G", "NOT RATED", "Passed", "TV-Y7-FV", "M/PG", "GP", "X", "18+",
)  # fmt: skip
_PRIZES = (
    ("bafta", "BAFTA Award"),
    ("bafta", "BAFTA Award"),
    ("bafta", "BAFTA"),
    ("bafta", "BAFTA Film Award"),
    ("golden_globe", "Golden Globe"),
    ("emmy", "Primetime Emmy"),
)


class Titles:
    """
    Derives a title from the place its film has in the world.

    Args:
        base: What all chance of the world begins with.
        films_ahead: So many of the films, first by date, are still to come: unrated.
    """

    def __init__(self, base: int, films_ahead: int) -> None:
        self._base = base
        self._films_ahead = films_ahead

    def imdb_rating(
        self, number: int, popularity_rank: int, date_rank: int
    ) -> tuple[float, int] | None:
        """Give IMDb's rating, 0 to 10, and the votes; also of titles OMDb lacks."""
        unrated = (
            _UNRATED_KNOWN_SHARE if popularity_rank < _KNOWN_RANKS else _UNRATED_SHARE
        )
        # One number in four pieces: IMDb's file asks this of every film of the world.
        bits = mix(self._base ^ number ^ 0x1D)
        drawn, first, second, third = (
            (bits >> 16 * n & 0xFFFF) / 2**16 for n in range(4)
        )
        if date_rank < self._films_ahead or drawn < unrated:
            return None
        most = 3_000_000 * (popularity_rank + 1) ** -0.45
        return round(1.2 + 4.2 * (first + second), 1), _FEWEST_VOTES + int(
            most * third**3
        )

    def title(self, movie: MovieRecord, standing: Standing) -> RatedTitleRecord | None:
        """Give the title of a film with an IMDb id, or `None` where OMDb has none."""
        number = standing.number
        if movie.imdb_id is None or unit(self._base, 50, number) < _NOT_HELD_SHARE:
            return None
        chance = dice(self._base, 55, number)
        is_series = chance.random() < _SERIES_SHARE
        ratings = tuple(self._ratings(standing, chance))
        facts = tuple(_facts(standing, chance, is_series=is_series)) if ratings else ()
        return RatedTitleRecord(
            imdb_id=movie.imdb_id,
            title=movie.title,
            type="series" if is_series else "movie",
            year=_year(movie, chance, is_series=is_series),
            released_on=movie.released_on,
            runtime_minutes=_runtime(chance),
            ratings=ratings,
            facts=facts,
        )

    def _ratings(self, standing: Standing, chance: Random) -> Iterator[RatingRecord]:
        """Rate by each house that knows the film; what nobody rated holds nothing yet."""
        imdb = self.imdb_rating(
            standing.number, standing.popularity_rank, standing.date_rank
        )
        is_known = standing.popularity_rank < _KNOWN_RANKS
        fresh, score = int(101 * chance.random() ** 0.6), int(100 * chance.random()) + 1
        has_fresh = chance.random() < (0.8 if is_known else 0.06)
        has_score = chance.random() < (0.6 if is_known else 0.02)
        if imdb is None:
            if standing.date_rank >= self._films_ahead and fresh > 98:
                yield RatingRecord("rotten_tomatoes", float(fresh))
            return
        yield RatingRecord("imdb", *imdb)
        if has_fresh:
            yield RatingRecord("rotten_tomatoes", float(fresh))
        if has_score:
            yield RatingRecord("metacritic", float(score))


def _year(movie: MovieRecord, chance: Random, *, is_series: bool) -> str | None:
    """Word the year; a series runs for some, with an en dash, or goes on."""
    if movie.released_on is None:
        return None
    began = movie.released_on.year
    if not is_series:
        return str(began)
    return f"{began}–" if chance.random() < 0.5 else f"{began}–{began + 3}"


def _runtime(chance: Random) -> int | None:
    """Draw the length; one title in eight has none."""
    drawn = chance.gauss(104, 26)
    return None if chance.random() < 0.13 else max(1, int(drawn))


def _facts(
    standing: Standing, chance: Random, *, is_series: bool
) -> Iterator[FactRecord]:
    """Draw what is known beside the ratings, in the order of `transform`."""
    is_known = standing.popularity_rank < _KNOWN_RANKS
    dollars = int(10 ** (3.5 + 5.5 * chance.random()))
    if standing.popularity_rank < _BILLIONS_RANKS:
        dollars = 2**31 + 20_011 * (standing.popularity_rank + 1)
    has_dollars = chance.random() < (0.6 if is_known else 0.04)
    if chance.random() < (0.8 if is_known else 0.3):
        yield FactRecord("rated", text=_RATED[int(chance.random() * len(_RATED))])
    if has_dollars and not is_series:
        yield FactRecord("box_office_usd", number=dollars)
    if chance.random() < (0.7 if is_known else 0.15):
        yield from _awards(chance)


def _awards(chance: Random) -> Iterator[FactRecord]:
    """Draw what it won; wins and nominations are of all awards together."""
    others = [int(60 * chance.random() ** 3) for _ in range(2)]
    others[1] += others == [0, 0]
    kind, prize, prizes = _prize(chance)
    is_won = chance.random() < 0.4
    head, sums = "", list(others)
    if prizes:
        plural = "s" if prizes > 1 and kind != "bafta" else ""
        head = f"{'Won' if is_won else 'Nominated for'} {prizes} {prize}{plural}"
        sums[0 if is_won else 1] += prizes
    yield FactRecord("awards", text=_worded(head, others, sums, chance))
    counts = {"award_wins": sums[0], "award_nominations": sums[1]}
    counts[f"{kind}_wins" if is_won else f"{kind}_nominations"] = prizes
    for name, number in counts.items():
        if number:
            yield FactRecord(name, number=number)


def _prize(chance: Random) -> tuple[str, str, int]:
    """Draw the prize that is named first: kind, name, and how many; mostly none."""
    drawn, prizes = chance.random(), 1 + int(6 * chance.random() ** 3)
    if drawn < 0.3:
        return "oscar", "Oscar", prizes
    if drawn < 0.42:
        return *_PRIZES[int(chance.random() * len(_PRIZES))], prizes
    return "", "", 0


def _worded(head: str, others: list[int], sums: list[int], chance: Random) -> str:
    """
    Word the awards in one of OMDb's ways.

    The newest gives sums, and puts neither full stop nor, mostly, a space behind a BAFTA:
    `Won 1 BAFTA Award2 wins & 1 nomination total`. Older ones count what comes on top.
    """
    drawn = chance.random()
    if drawn < 0.75:
        joint = {"Award": "", "BAFTA": " "}.get(head.rpartition(" ")[2], ". ")
        return f"{head}{joint if head else ''}{_counted(sums)} total"
    if head:
        return f"{head}. Another {_counted(others)}."
    return _counted(others) if drawn < 0.9 else f"{_counted(others)}."


def _counted(counts: list[int]) -> str:
    """Word wins and nominations: `1 win & 3 nominations`, either alone if need be."""
    return " & ".join(
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in zip(counts, ("win", "nomination"), strict=True)
        if count
    )
