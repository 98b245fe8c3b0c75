"""Which ids the numbered films of a world have, and which ranks; asked in both directions. No I/O."""

from collections.abc import Iterable

from cinegraph.sandbox.dice import Shuffle, mix, unit

_BLOCK_IDS = 5
_BLOCK_FILMS = 4
"""Of five ids in a row one has no film, as in TMDB's numbering."""
_IMDB_PRIME = 9_999_991
"""
Largest prime of seven digits: IMDb numbers are a one-to-one scattering of film numbers
over them.
"""
_LONG_IMDB_PRIME = 999_999_937
_TRENDING_FILMS = 2_000
_POPULAR_FILMS = 10_000
_POPULAR_IMDB_SHARE, _IMDB_SHARE = 0.986, 0.56
"""Among the many unpopular films every second has no IMDb id."""


class Places:
    """
    Ids and ranks of films by their number; ids go on beyond the last film.

    Args:
        films: Those numbered below have a rank; those beyond are the least popular.
        base: What all chance of the world begins with.
    """

    def __init__(self, films: int, base: int) -> None:
        self.films = films
        self.base = base
        self.by_popularity = Shuffle(films, base ^ 1)
        self.by_rating = Shuffle(films, base ^ 2)
        self.by_date = Shuffle(films, base ^ 3)
        self.by_trend = Shuffle(min(films, _TRENDING_FILMS), base ^ 4)
        self._claimed: frozenset[str] = frozenset()
        self._imdb = Shuffle(
            _IMDB_PRIME if films < _IMDB_PRIME // 2 else _LONG_IMDB_PRIME, base
        )

    def claim(self, imdb_ids: Iterable[str]) -> None:
        """Take IMDb ids from the films that began with them: they belong to others."""
        self._claimed = frozenset(imdb_ids)

    def fame(self, number: int) -> int:
        """Give the rank by popularity; films beyond the numbered have the last."""
        return self.by_popularity.rank(number) if number < self.films else self.films

    def id_of(self, number: int) -> int:
        """Give the id of a film."""
        block, place = divmod(number, _BLOCK_FILMS)
        return 1 + block * _BLOCK_IDS + place + (place >= self._missing(block))

    def number_of(self, tmdb_id: int) -> int | None:
        """Find the number of an id, also beyond the last film; `None` for a gap."""
        block, place = divmod(tmdb_id - 1, _BLOCK_IDS)
        missing = self._missing(block) if block >= 0 else place
        return (
            None
            if place == missing
            else block * _BLOCK_FILMS + place - (place > missing)
        )

    def gap_near(self, number: int) -> int:
        """Give the id near a film that has none."""
        block = number // _BLOCK_FILMS
        return 1 + block * _BLOCK_IDS + self._missing(block)

    def imdb_id(self, number: int) -> str | None:
        """Give the IMDb id that the film began with, if any."""
        share = (
            _POPULAR_IMDB_SHARE if self.fame(number) < _POPULAR_FILMS else _IMDB_SHARE
        )
        if unit(self.base, 5, number) >= share:
            return None
        imdb_id = f"tt{self.imdb_place(number):07d}"
        return None if imdb_id in self._claimed else imdb_id

    def imdb_place(self, number: int) -> int:
        """Give the film's number at IMDb, whether TMDB knows it or not."""
        return self._imdb.at(number)

    def number_of_imdb(self, imdb_id: str) -> int | None:
        """Find the film that began with an IMDb id, as `number_of` does."""
        digits = imdb_id.removeprefix("tt")
        if not digits.isdecimal() or not digits.isascii():
            return None
        number = self._imdb.rank(int(digits)) if int(digits) < self._imdb.size else -1
        return number if number >= 0 and self.imdb_id(number) == imdb_id else None

    def _missing(self, block: int) -> int:
        """Say which of a block's ids has no film."""
        return mix(self.base ^ (block << 8)) % _BLOCK_IDS
