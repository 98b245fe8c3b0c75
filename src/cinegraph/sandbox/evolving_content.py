"""An evolving world as TMDB would tell it at the sandbox's own time."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import msgspec

from cinegraph import clock
from cinegraph.sandbox.awards.awarded import AwardedWorld
from cinegraph.sandbox.content import Body, pack_json
from cinegraph.sandbox.drift import ExportRow
from cinegraph.sandbox.evolving import EXPORT_HOUR, EvolvingWorld, Moment, State
from cinegraph.sandbox.feed import ROWS_A_PAGE, Feed
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.tmdb import sandbox as vendor

_BODIES_CACHED = 4_000
_WRITTEN_AT = time(EXPORT_HOUR, tzinfo=UTC)


class EvolvingContent(InventedContent):
    """
    Answers from an `EvolvingWorld`.

    Args:
        world: What is told.
        reach: How far back the feed of changes goes.
        awarded: Made on top of the world's beginning; its films never change.
    """

    def __init__(
        self,
        world: EvolvingWorld,
        *,
        reach: timedelta = timedelta(days=14),
        awarded: AwardedWorld | None = None,
    ) -> None:
        super().__init__(world.beginning, awarded)
        self.evolving = world
        self._feed = Feed(world, reach)
        self._now: Callable[[], datetime] = clock.real_now
        self._state_body = lru_cache(_BODIES_CACHED)(self._make_state_body)

    def follow(self, now: Callable[[], datetime]) -> None:
        """Tell the world as it is at the time that *now* gives."""
        self._now = now

    def changes(self, first: date, end: date, page: int) -> Body:
        """Give a page of the films that changed from *first* to before *end*."""
        rows = self._feed.rows(first, end, self._now())
        shown: list[object] = list(rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE])
        pages = max(1, -(-len(rows) // ROWS_A_PAGE))
        return pack_json(
            vendor.list_page(
                shown, page=page, total_results=len(rows), total_pages=pages
            )
        )

    def movie_changes(self, tmdb_id: int, first: date, end: date) -> Body | None:
        """Give what of a film changed from *first* to before *end*."""
        if self._is_awarded(tmdb_id):
            return pack_json({"changes": []})
        if not self._view().is_live(tmdb_id):
            return None
        changes = self._feed.changes_of(tmdb_id, first, end, self._now())
        return pack_json({"changes": changes})

    def today(self) -> date:
        """Give the day it is, UTC."""
        return self._now().astimezone(UTC).date()

    def _view(self) -> Moment:
        return self.evolving.at(self._now())

    def _movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        number, state = self._view().find(tmdb_id)
        return None if state is None else self._state_body(number, state, parts)

    def _make_state_body(
        self, number: int, state: State, parts: tuple[str, ...]
    ) -> Body:
        return self._pack_movie(self.evolving.movie(number, state), parts)

    def _listed(self, view: World | Moment, tmdb_id: int) -> object:
        movie = view.summary(tmdb_id)
        assert movie is not None  # noqa: S101 - lists name films that are there
        return msgspec.Raw(msgspec.json.encode(vendor.list_row(movie)))

    def export_rows(
        self, day: date, first_day: date | None = None, *, is_adult: bool = False
    ) -> Iterator[ExportRow]:
        """List the films of the export of *day*; the world knows its own first day."""
        del first_day
        written_at = datetime.combine(day, _WRITTEN_AT)
        return self.evolving.at(written_at).export_rows(is_adult=is_adult)
