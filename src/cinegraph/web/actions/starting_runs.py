"""Starting runs: imports, updates, festivals, what is computed, lists."""

from typing import Annotated

import msgspec

from cinegraph import words
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.errors import UsageError
from cinegraph.jobs.discovery import ListName
from cinegraph.sync.updates import RECENT_MONTHS, Selection
from cinegraph.web.actions.action import Action, ActionRequest, Nothing, Outcome

MOST_NAMED = 1000
"""Films that one form names."""
type _Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class ListArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which of TMDB's lists."""

    name: ListName
    pages: int = 100
    """20 films each, 1 to 500."""


class CatalogArguments(msgspec.Struct, frozen=True, kw_only=True):
    """All films, so many, or a range of ids."""

    limit: int | None = None
    """Only so many, the most popular ones."""
    first_id: int | None = None
    last_id: int | None = None
    """Try every id of TMDB's from `first_id` to `last_id` instead."""
    include_adult: bool | None = None
    """None: as configured."""

    @property
    def ids(self) -> tuple[int, int] | None:
        """
        Return the range.

        Raises:
            UsageError: One end of it is missing, or a limit is given besides.
        """
        if self.first_id is None and self.last_id is None:
            return None
        if self.first_id is None or self.last_id is None:
            raise UsageError(
                "a range has two ends", hint="Give the first and the last id."
            )
        if self.limit is not None:
            raise UsageError(
                "a limit and a range of ids exclude each other",
                hint="A range is as long as it is.",
            )
        return self.first_id, self.last_id


class FilmsArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Films by name."""

    films: Annotated[str, msgspec.Meta(max_length=100_000)]
    """TMDB's ids, IMDb's (tt…), or ours (#n), with spaces, commas or line breaks between."""

    @property
    def references(self) -> list[str]:
        """
        Return them, each once.

        Raises:
            UsageError: None, or too many.
        """
        named = list(dict.fromkeys(self.films.replace(",", " ").split()))
        if not named:
            raise UsageError("no film was named", hint="Such as 603, tt0133093 or #12.")
        if len(named) > MOST_NAMED:
            raise UsageError(
                f"{len(named):,} films are too many at once",
                hint=f"At most {MOST_NAMED:,}; a range or the whole catalogue takes more.",
            )
        return named


class UpdateArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which stored films, and what of them."""

    selection: Selection
    fields: tuple[_Word, ...] = ()
    """Names of fields, or `all`; none: what the selection usually takes."""
    limit: int | None = None
    months: int = RECENT_MONTHS
    """Of recent films: how long ago they came out at most."""


class FestivalArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which edition of which festival; the newest one unless said."""

    festival: _Word
    year: int | None = None
    edition: int | None = None
    every: bool = False
    """All editions."""


class EnrichmentArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What is computed of which films."""

    enrichment: Enrichment
    only_due: bool = False
    """Only of films of which something has changed."""


class CulturalListArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which list."""

    key: _Word
    """As `cinegraph lists` calls it."""


def _begun(run_id: int, what: str) -> Outcome:
    return Outcome(
        message=f"Run {run_id} was started: {what}.",
        to=f"/runs/{run_id}",
        result={"run_id": run_id},
    )


async def _start_list(request: ActionRequest, given: ListArguments) -> Outcome:
    run_id = await request.c.import_list(given.name, given.pages)
    pages = words.count(given.pages, "page")
    return _begun(run_id, f"{given.name.replace('_', ' ')} films, {pages}")


async def _start_catalog(request: ActionRequest, given: CatalogArguments) -> Outcome:
    run_id = await request.c.import_entire_catalog(
        ids=given.ids, limit=given.limit, include_adult=given.include_adult
    )
    what = "the whole catalogue"
    if given.ids is not None:
        what = f"ids {given.first_id}-{given.last_id}"
    elif given.limit is not None:
        what = f"the {given.limit:,} most popular films"
    return _begun(run_id, what)


async def _start_films(request: ActionRequest, given: FilmsArguments) -> Outcome:
    run_id = await request.c.import_movies(given.references)
    told = words.count(len(given.references), "film")
    return _begun(run_id, f"{told} by name")


async def _start_update(request: ActionRequest, given: UpdateArguments) -> Outcome:
    run_id = await request.c.update_films(
        given.selection,
        fields=given.fields or None,
        limit=given.limit,
        months=given.months,
    )
    return _begun(run_id, f"update of {given.selection} films")


async def _start_changes(request: ActionRequest, given: Nothing) -> Outcome:
    del given
    job_id = await request.c.update_changes()
    if job_id is None:
        return Outcome(message="The feed of changes is being read already.", things=0)
    return Outcome(
        message=f"The feed of changes is read by job {job_id}.",
        to=f"/jobs/{job_id}",
        result={"job_id": job_id},
    )


async def _start_festival(request: ActionRequest, given: FestivalArguments) -> Outcome:
    begun = await request.c.import_festival(
        given.festival, year=given.year, edition=given.edition, every=given.every
    )
    return _begun(begun.run_id, f"awards of {given.festival}")


async def _start_enrichment(
    request: ActionRequest, given: EnrichmentArguments
) -> Outcome:
    run_id = await request.c.enrich(given.enrichment, only_due=given.only_due)
    which = "films due" if given.only_due else "all films"
    return _begun(run_id, f"{given.enrichment.replace('_', ' ')} of {which}")


async def _start_cultural_list(
    request: ActionRequest, given: CulturalListArguments
) -> Outcome:
    begun = await request.c.import_cultural_list(given.key)
    if begun.run_id is None:
        return Outcome(
            message=f"The list {given.key} is read; no film of it is missing."
        )
    return _begun(begun.run_id, f"the list {given.key}")


_FETCHES = "A worker fetches the films; what is stored already is not fetched again."
ACTIONS = (
    Action(
        key="run.start_list",
        path="/runs/start/list",
        title="Start the import",
        help=_FETCHES,
        arguments=ListArguments,
        do=_start_list,
    ),
    Action(
        key="run.start_catalog",
        path="/runs/start/catalog",
        title="Start the import",
        help=_FETCHES,
        arguments=CatalogArguments,
        do=_start_catalog,
    ),
    Action(
        key="run.start_films",
        path="/runs/start/films",
        title="Start the import",
        help="Before everything that nobody waits for.",
        arguments=FilmsArguments,
        do=_start_films,
    ),
    Action(
        key="run.start_update",
        path="/runs/start/update",
        title="Start the update",
        help="A request for each film, whatever the fields.",
        arguments=UpdateArguments,
        do=_start_update,
    ),
    Action(
        key="run.start_changes",
        path="/runs/start/changes",
        title="Read the feed now",
        help="As it is by itself every 15 minutes; the films that it names become due.",
        arguments=Nothing,
        do=_start_changes,
    ),
    Action(
        key="run.start_festival",
        path="/runs/start/festival",
        title="Start the import",
        help="Awards, with the films and people that they name.",
        arguments=FestivalArguments,
        do=_start_festival,
    ),
    Action(
        key="run.start_enrichment",
        path="/runs/start/enrichment",
        title="Start computing",
        help="From what is stored; no source is asked.",
        arguments=EnrichmentArguments,
        do=_start_enrichment,
    ),
    Action(
        key="run.start_cultural_list",
        path="/runs/start/cultural-list",
        title="Start the import",
        help="The list is read, and those of its films fetched that are missing.",
        arguments=CulturalListArguments,
        do=_start_cultural_list,
    ),
)
