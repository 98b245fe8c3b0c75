"""How far an imitation TMDB is from agreeing with a nominations table: shares, and who is struck. No I/O."""

import zlib
from dataclasses import dataclass

from cinegraph.sandbox.dice import unit


@dataclass(frozen=True, slots=True)
class Imperfections:
    """Shares from 0 to 1; which films and people are struck is a matter of seed and id alone."""

    alias: float = 0.08
    """
    Nominees whose name at TMDB is another spelling of the table's. Of 8,477 nominees of the real table 330 have several
    spellings in the table itself; across two sites twice as many are assumed.
    """
    namesake: float = 0.01
    """Nominees of a film beside whom it credits another person of the same name: rare, and the costliest mistake."""
    uncredited: float = 0.06
    """Nominees of a film whom its credits lack: short films and early ones mostly have but a few credits at TMDB."""
    no_person_imdb_id: float = 0.05
    """People whose page at TMDB does not name IMDb's: of the little known every tenth, of nominees fewer."""
    film_missing: float = 0.01
    """Films TMDB does not have at all: lost ones, and shorts."""
    film_is_show: float = 0.005
    """Films TMDB keeps as TV shows, such as documentaries in parts."""
    other_title: float = 0.05
    """Films whose title at TMDB is not the table's: in translation, or as they came out elsewhere."""


class Fate:
    """
    Decides whom an imperfection strikes, the same in every process.

    Args:
        base: What all chance of the world begins with.
    """

    def __init__(self, base: int, shares: Imperfections) -> None:
        self._base = base
        self.shares = shares

    def strikes(self, imperfection: str, *ids: str) -> bool:
        """Whether the *imperfection*, a field's name, is that of a film, a person, or of both together."""
        share: float = getattr(self.shares, imperfection)
        return self.draw(imperfection, *ids) < share

    def draw(self, what: str, *ids: str) -> float:
        """Draw a number in [0, 1) for *what* of these ids."""
        return unit(self._base, *(zlib.crc32(text.encode()) for text in (what, *ids)))
