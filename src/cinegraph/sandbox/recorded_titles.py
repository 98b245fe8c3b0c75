"""Recorded bodies of OMDb: `titles.jsonl.gz`, a body a line, told as they were recorded."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from cinegraph.errors import UsageError
from cinegraph.sandbox.content import Body, pack
from cinegraph.sandbox.recordings import read_lines

TITLES = "titles.jsonl.gz"
_LEVEL = 3


class _Told(msgspec.Struct):
    """What of a body must be known to serve it."""

    imdb_id: str = msgspec.field(name="imdbID")
    rating: str = msgspec.field(name="imdbRating", default="N/A")
    votes: str = msgspec.field(name="imdbVotes", default="N/A")


class RecordedTitles:
    """
    Answers from recorded bodies; without a file of them OMDb holds no title.

    Args:
        folder: That of TMDB's bodies; OMDb's are in it, or in an `omdb` in or beside it.
    """

    def __init__(self, folder: Path) -> None:
        self._bodies: dict[str, Body] = {}
        self._ratings: dict[str, tuple[float, int]] = {}
        path = _find(folder)
        if path is not None:
            self._load(path)

    def title(self, imdb_id: str) -> Body | None:
        """Give the recorded body."""
        return self._bodies.get(imdb_id)

    def imdb_ratings(self) -> Iterator[tuple[str, float, int]]:
        """List id, rating and votes of every title that has votes, by id."""
        return ((imdb_id, *said) for imdb_id, said in sorted(self._ratings.items()))

    def _load(self, path: Path) -> None:
        """Read every body, keeping it packed."""
        for number, line in enumerate(read_lines(path), 1):
            body = line.strip()
            try:
                told = msgspec.json.decode(body, type=_Told)
                votes = told.votes.replace(",", "")
                if "N/A" not in {told.rating, votes}:
                    self._ratings[told.imdb_id] = float(told.rating), int(votes)
            except (msgspec.MsgspecError, ValueError) as error:
                raise UsageError(
                    f"{path}, line {number}: no title of OMDb ({error})",
                    hint="A recording of titles holds one of OMDb's JSON objects a line.",
                ) from error
            self._bodies[told.imdb_id] = pack(body, _LEVEL)


def _find(folder: Path) -> Path | None:
    """Find the file of titles."""
    places = (folder, folder / "omdb", folder.parent / "omdb")
    return next((at / TITLES for at in places if (at / TITLES).is_file()), None)
