"""Cultural lists: read them again, forget them."""

import msgspec

from cinegraph import words
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class ListArguments(msgspec.Struct, frozen=True):
    """Which list."""

    key: str
    """Such as `registry`."""


class ImportArguments(msgspec.Struct, frozen=True):
    """Which list, and whether it may have become much shorter."""

    key: str
    """Such as `registry`."""
    accepts_shrunk: bool = False
    """Believe it however many members leave."""


async def _import(request: ActionRequest, given: ImportArguments) -> Outcome:
    done = await request.c.import_cultural_list(
        given.key, accepts_shrunk=given.accepts_shrunk
    )
    result = {"run_id": done.run_id}
    if done.stored is None:
        return Outcome(
            message=f"{given.key} is being read by run {done.run_id}.", result=result
        )
    stored = done.stored
    told = (
        f"{given.key}: {words.count(stored.films, 'film')}, {stored.joined:,} joined, {stored.left:,} left,"
        f" {stored.films - stored.linked:,} not stored yet"
    )
    if done.run_id is not None:
        told += f"; run {done.run_id} fetches them"
    return Outcome(message=f"{told}.", things=stored.films, result=result)


async def _forget(request: ActionRequest, given: ListArguments) -> Outcome:
    await request.c.forget_list(given.key)
    return Outcome(
        message=f"{given.key} is forgotten; its films are still stored.", to="/lists"
    )


ACTIONS = (
    Action(
        key="list.import",
        path="/lists/{key}/import",
        title="Read again",
        help="Its members are made equal to its source, and films that are not stored are fetched; who leaves stays in"
        " its history.",
        arguments=ImportArguments,
        do=_import,
    ),
    Action(
        key="list.forget",
        path="/lists/{key}/forget",
        title="Forget",
        help="Its members and their history are removed; films stay.",
        arguments=ListArguments,
        do=_forget,
        confirm="Forget this list? Its members and their history are removed, and scores no longer count it;"
        " films stay. It can be imported again, without its history.",
    ),
)
