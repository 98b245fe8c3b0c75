"""What changed in films and people, for those who keep a copy."""

from enum import StrEnum
from typing import Annotated

import msgspec

from cinegraph.catalog.change_log import ChangePage, LogState
from cinegraph.web.machine.endpoint import (
    LARGEST_ID,
    Endpoint,
    EndpointRequest,
    Nothing,
)


class ChangeKind(StrEnum):
    """What changed."""

    MOVIE = "movie"
    PERSON = "person"


class ChangesArguments(msgspec.Struct, frozen=True, kw_only=True):
    """From where on, and how many."""

    since: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)] | None = None
    """0, the position of a snapshot, or that of the page before; unset: the last changes."""
    kind: ChangeKind | None = None
    """Only changes of films, or of people."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    """At most so many."""


async def _list(request: EndpointRequest, asked: ChangesArguments) -> ChangePage:
    since = asked.since
    if since is None:
        state = await request.c.get_change_log()
        since = max(state.kept_after, state.last_position - asked.limit)
    kind = None if asked.kind is None else asked.kind.value
    return await request.c.list_changes(since, kind=kind, limit=asked.limit)


async def _state(request: EndpointRequest, _: Nothing) -> LogState:
    return await request.c.get_change_log()


ENDPOINTS = (
    Endpoint(
        path="/changes",
        summary="Changes after a position, in order and without gaps; go on with `since` = `position` of the answer",
        returns=ChangePage,
        read=_list,
        arguments=ChangesArguments,
        example="/changes?since=0&limit=10",
    ),
    Endpoint(
        path="/changes/state",
        summary="The newest position, and the oldest to go on from",
        returns=LogState,
        read=_state,
        example="/changes/state",
    ),
)
