"""What starting something would cost, before it is started."""

from collections.abc import Sequence

import msgspec

from cinegraph.api.awarding import Awarding
from cinegraph.api.enriching import Enriching
from cinegraph.api.importing import Importing
from cinegraph.api.listing import Listing, ListNotFoundError
from cinegraph.api.updating import Updating
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.errors import UsageError
from cinegraph.jobs.discovery import ListName
from cinegraph.sources.providers.tmdb.client import LAST_PAGE
from cinegraph.sync.estimating import DISK_BYTES_A_FILM
from cinegraph.sync.updates import RECENT_MONTHS, Selection

FILMS_A_PAGE = 20
FILMS_AN_EDITION = 60
"""Where no edition is stored that tells: an edition of the Academy Awards names some 55, one of Cannes 90."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What something would cost; None: nobody can tell before it is read."""

    films: int | None
    """To be fetched, updated or computed."""
    is_exact: bool
    """False: about."""
    requests: int | None
    """To TMDB."""
    requests_per_second: float
    """The budget; 0: no limit."""
    disk_bytes: int | None
    answered: int = 0
    """Left out, because they are there."""
    titles: int | None = None
    """To be asked for at OMDb; None: that is not part of it, or is switched off."""
    omdb_days: float | None = None
    note: str | None = None
    """What a person should know besides."""

    @property
    def seconds(self) -> float | None:
        """At the budget; None: it is not known, or there is no limit."""
        if self.requests is None or self.requests_per_second <= 0:
            return None
        return self.requests / self.requests_per_second


class Costing(Importing, Updating, Awarding, Listing, Enriching):
    """Estimates; nothing is started."""

    async def weigh_list(self, name: ListName, pages: int) -> Cost:
        """
        Return what `import_list` would cost at most: films that are stored already are not fetched again.

        Raises:
            UsageError: There are no such pages.
        """
        if not 1 <= pages <= LAST_PAGE:
            raise UsageError(
                f"{pages} pages are not possible", hint=f"Give 1 to {LAST_PAGE}."
            )
        films = pages * FILMS_A_PAGE
        return self._fetching(
            films,
            more=pages,
            note=f"at most: which of the {name.replace('_', ' ')} films are stored shows when the pages are read",
        )

    async def weigh_catalog(
        self, *, ids: tuple[int, int] | None = None, limit: int | None = None
    ) -> Cost:
        """Return what `import_entire_catalog` would cost; see `estimate_catalog`."""
        found = await self.estimate_catalog(ids=ids, limit=limit)
        return Cost(
            films=found.films,
            is_exact=found.is_exact,
            requests=found.requests,
            requests_per_second=found.requests_per_second,
            disk_bytes=found.disk_bytes,
            answered=found.answered,
            titles=None if found.omdb_days is None else found.titles,
            omdb_days=found.omdb_days,
        )

    async def weigh_movies(self, references: Sequence[str]) -> Cost:
        """Return what `import_movies` would cost: a request each."""
        return self._fetching(len(set(references)), more=0, is_exact=True)

    async def weigh_update(
        self,
        selection: Selection,
        *,
        limit: int | None = None,
        months: int = RECENT_MONTHS,
    ) -> Cost:
        """Return what `update_films` would cost; see `estimate_update`."""
        found = await self.estimate_update(selection, limit=limit, months=months)
        return Cost(
            films=found.films,
            is_exact=True,
            requests=found.requests,
            requests_per_second=found.requests_per_second,
            disk_bytes=0,
        )

    async def weigh_festival(self, festival: str, *, every: bool = False) -> Cost:
        """
        Return what `import_festival` would cost, as far as stored editions tell.

        Raises:
            UsageError: There is no such festival.
        """
        await self._require_festival(festival)
        [known] = [each for each in await self.list_festivals() if each.key == festival]
        each = known.films / known.editions if known.editions else FILMS_AN_EDITION
        if every:
            note = "how many editions there are shows when the source is read"
            return self._unknown(note)
        return self._fetching(
            round(each),
            more=round(each) + 1,
            note="the source, and each film and person that it names and that is not stored",
        )

    async def weigh_cultural_list(self, key: str) -> Cost:
        """
        Return what reading a list, and fetching its films, would cost.

        Raises:
            ListNotFoundError: No list of that key is known.
        """
        found = {each.key: each for each in await self.list_lists()}.get(key)
        if found is None:
            raise ListNotFoundError(
                f"there is no list {key!r}", hint="`cinegraph lists` has them all."
            )
        if not found.films:
            return self._unknown("how many films it has shows when it is read")
        return self._fetching(found.films - found.stored, more=1)

    async def weigh_enrichment(
        self, enrichment: Enrichment, *, only_due: bool = False
    ) -> Cost:
        """Return how many films `enrich` would compute; no source is asked."""
        films, is_exact = await self.count_films(), True
        if only_due:
            report = await self.get_enrichment_status()
            [films] = [
                each.due + each.missing
                for each in report.kinds
                if each.enrichment == enrichment
            ]
            is_exact = not report.changes_waiting
        return Cost(
            films=films,
            is_exact=is_exact,
            requests=0,
            requests_per_second=self.settings.tmdb_requests_per_second,
            disk_bytes=0,
            note="computed from what is stored; no source is asked",
        )

    def _fetching(
        self, films: int, *, more: int, is_exact: bool = False, note: str | None = None
    ) -> Cost:
        return Cost(
            films=films,
            is_exact=is_exact,
            requests=films + more,
            requests_per_second=self.settings.tmdb_requests_per_second,
            disk_bytes=films * DISK_BYTES_A_FILM,
            note=note,
        )

    def _unknown(self, note: str) -> Cost:
        return Cost(
            films=None,
            is_exact=False,
            requests=None,
            requests_per_second=self.settings.tmdb_requests_per_second,
            disk_bytes=None,
            note=note,
        )
