"""Films that are gone, held back, or another one now; and bodies that could not be read: a person's say."""

import msgspec

from cinegraph import words
from cinegraph.web.actions.action import Action, ActionRequest, Nothing, Outcome


class FilmArguments(msgspec.Struct, frozen=True):
    """Which film."""

    movie_id: int
    """TMDB's id."""


async def _allow(request: ActionRequest, given: Nothing) -> Outcome:
    del given
    films = await request.c.allow_gone()
    if not films:
        return Outcome(message="Nothing is held back.", things=0)
    told = words.count(films, "film")
    return Outcome(
        message=f"Allowed: {told} count as gone within three hours; each can be restored.",
        things=films,
    )


async def _refuse(request: ActionRequest, given: Nothing) -> Outcome:
    del given
    films = await request.c.refuse_gone()
    if not films:
        return Outcome(message="Nothing is held back.", things=0)
    return Outcome(
        message=f"Asked for again: {words.count(films, 'film')}.", things=films
    )


async def _restore(request: ActionRequest, given: FilmArguments) -> Outcome:
    if await request.c.restore_gone([given.movie_id]):
        return Outcome(
            message=f"TMDb {given.movie_id} lives again, and is asked for; if TMDB denies it again it goes again."
        )
    return Outcome(message=f"TMDb {given.movie_id} is not gone.", things=0)


async def _undo(request: ActionRequest, given: FilmArguments) -> Outcome:
    if await request.c.undo_merges([given.movie_id]):
        return Outcome(
            message=f"TMDb {given.movie_id} is no other film, and stays so; Redo undoes it."
        )
    return Outcome(message=f"TMDb {given.movie_id} was not merged.", things=0)


async def _redo(request: ActionRequest, given: FilmArguments) -> Outcome:
    if await request.c.redo_merges([given.movie_id]):
        return Outcome(message=f"The merge of TMDb {given.movie_id} stands again.")
    return Outcome(message=f"No merge of TMDb {given.movie_id} was undone.", things=0)


async def _fetch(request: ActionRequest, given: FilmArguments) -> Outcome:
    run_id = await request.c.import_movies([given.movie_id])
    return Outcome(
        message=f"Run {run_id} fetches TMDb {given.movie_id} again; a body that can be read ends its quarantine.",
        result={"run_id": run_id},
    )


ACTIONS = (
    Action(
        key="gone.allow",
        path="/gone/allow",
        title="Let them go",
        help="All that is held back counts as gone; nothing is deleted.",
        arguments=Nothing,
        do=_allow,
        confirm="Let all films that are held back count as gone? Nothing is deleted, and each can be restored.",
    ),
    Action(
        key="gone.refuse",
        path="/gone/refuse",
        title="Do not believe it",
        help="No denial of what is held back is believed: all of it is asked for again.",
        arguments=Nothing,
        do=_refuse,
    ),
    Action(
        key="gone.restore",
        path="/gone/{movie_id:int}/restore",
        title="Restore",
        help="The film lives again, and TMDB is asked for it.",
        arguments=FilmArguments,
        do=_restore,
    ),
    Action(
        key="merge.undo",
        path="/merges/{movie_id:int}/undo",
        title="Undo",
        help="The film is no other one; it stays so until it is redone.",
        arguments=FilmArguments,
        do=_undo,
    ),
    Action(
        key="merge.redo",
        path="/merges/{movie_id:int}/redo",
        title="Redo",
        help="The merge stands again.",
        arguments=FilmArguments,
        do=_redo,
    ),
    Action(
        key="quarantine.retry",
        path="/quarantine/{movie_id:int}/retry",
        title="Fetch again",
        help="A run asks TMDB for the film now; a body that can be read ends its quarantine.",
        arguments=FilmArguments,
        do=_fetch,
    ),
)
