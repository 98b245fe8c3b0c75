"""Films: fetch, refresh, let live again, say that two are two."""

import msgspec

from cinegraph.errors import UsageError
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class FilmArguments(msgspec.Struct, frozen=True):
    """Which film."""

    movie_id: int
    """Our number of it."""


class NamedFilm(msgspec.Struct, frozen=True):
    """A film that need not be stored."""

    reference: str = ""
    """A number is TMDB's id, tt… IMDb's."""


async def _refresh(request: ActionRequest, given: FilmArguments) -> Outcome:
    run = await request.c.import_movies([f"#{given.movie_id}"])
    return Outcome(
        message=f"Run {run} fetches it before everything that nobody waits for.",
        to=f"/runs/{run}",
        result={"run_id": run},
    )


async def _fetch(request: ActionRequest, given: NamedFilm) -> Outcome:
    if not given.reference.strip():
        raise UsageError(
            "no film was named", hint="Give TMDB's id, or IMDb's (tt…), as reference."
        )
    run = await request.c.import_movies([given.reference])
    return Outcome(
        message=f"Run {run} fetches {given.reference}.",
        to=f"/runs/{run}",
        result={"run_id": run},
    )


async def _restore(request: ActionRequest, given: FilmArguments) -> Outcome:
    film = await request.c.get_film(given.movie_id)
    restored = await request.c.restore_gone([film.tmdb_id])
    if not restored:
        return Outcome(message=f"{film.title} was not gone.", things=0)
    return Outcome(message=f"{film.title} lives again, and TMDB is asked for it.")


async def _part(request: ActionRequest, given: FilmArguments) -> Outcome:
    film = await request.c.get_film(given.movie_id)
    if not await request.c.undo_merges([film.tmdb_id]):
        return Outcome(message=f"{film.title} was not merged into another.", things=0)
    return Outcome(message=f"{film.title} is a film of its own, for good.")


async def _merge(request: ActionRequest, given: FilmArguments) -> Outcome:
    film = await request.c.get_film(given.movie_id)
    if not await request.c.redo_merges([film.tmdb_id]):
        return Outcome(message=f"No merge of {film.title} was undone.", things=0)
    return Outcome(message=f"{film.title} counts as the other film again.")


ACTIONS = (
    Action(
        key="film.refresh",
        path="/films/{movie_id:int}/refresh",
        title="Refresh now",
        help="TMDB is asked for it now; if it waits already, it overtakes.",
        arguments=FilmArguments,
        do=_refresh,
    ),
    Action(
        key="film.fetch",
        path="/films/fetch",
        title="Fetch it",
        help="A film that is not stored is asked for now, by TMDB's id or IMDb's.",
        arguments=NamedFilm,
        do=_fetch,
    ),
    Action(
        key="film.restore",
        path="/films/{movie_id:int}/restore",
        title="Let it live again",
        help="It counts as gone no longer and is asked for; if TMDB denies it again for days, it goes again.",
        arguments=FilmArguments,
        do=_restore,
    ),
    Action(
        key="film.part",
        path="/films/{movie_id:int}/part",
        title="They are two films",
        help="Undoes the merge for good: no evidence makes it again, only a person.",
        arguments=FilmArguments,
        do=_part,
    ),
    Action(
        key="film.merge",
        path="/films/{movie_id:int}/merge",
        title="They are one film",
        help="A merge that was undone stands again.",
        arguments=FilmArguments,
        do=_merge,
    ),
)
