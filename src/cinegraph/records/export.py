"""A source's daily list of everything it has: its lines, the file they came in, and how many there may be."""

from datetime import date, datetime

import msgspec


class ListedMovieRecord(msgspec.Struct, gc=False):
    """One line of a list of films."""

    tmdb_id: int
    popularity: float
    is_adult: bool
    is_video: bool
    original_title: str


class ListedRatingRecord(msgspec.Struct, gc=False):
    """One line of a list of ratings."""

    imdb_id: str
    value: float
    """0–10."""
    votes: int


class ExportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it was received."""

    listed_on: date
    """The day it is of."""
    size_bytes: int
    """Compressed, as received."""
    sha256: bytes
    """Of the file as received."""
    fetched_at: datetime


class PlausibleLines(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines a list may have, judged by what is known already; one that is cut short has far fewer."""

    expected: int
    """Lines of the list before it, or films stored; 0: nothing is known, and one line is enough."""
    expected_from: str
    """What has so many, in words that follow "of"."""
    smallest_share: float = 0.9
    """TMDB's list grows by some 500 films a day and loses a few dozen: a tenth less is no day's work."""
    largest_share: float | None = 1.2
    """None: any number more is plausible."""

    def objection(self, lines: int) -> str | None:
        """Why a list of so many lines cannot be believed; None: it can."""
        if not lines:
            return "it has no line"
        if self.expected and not self._fits(lines / self.expected):
            share = f"{lines / self.expected:.0%}".replace("%", " %")
            only = "only " if lines < self.expected else ""
            return f"{lines:,} lines are {only}{share} of {self.expected_from}"
        return None

    def _fits(self, share: float) -> bool:
        largest = self.largest_share
        return share >= self.smallest_share and (largest is None or share <= largest)
