"""Cultural lists: canons, polls, registries."""

import msgspec

from cinegraph.api.listing import ListOverview, MissingMember
from cinegraph.enrichment.lists.browse import ListedFilm
from cinegraph.enrichment.lists.storing import StoredList
from cinegraph.web.machine.endpoint import (
    Endpoint,
    EndpointRequest,
    Nothing,
    Page,
    Text,
)


class ListArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which list."""

    key: Text
    """Such as `registry`."""


class MembersArguments(ListArguments, frozen=True, kw_only=True):
    """Which list, and whether former members count."""

    history: bool = False
    """Every membership there ever was, by time, instead of today's members."""


type Members = tuple[ListedFilm, ...]


class ListDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A list with its members."""

    list: StoredList
    members: Members
    """By position, then title."""


async def _list(request: EndpointRequest, _: Nothing) -> Page[ListOverview]:
    return Page(await request.c.list_lists())


async def _get(request: EndpointRequest, asked: MembersArguments) -> ListDetails:
    found = await request.c.get_list(asked.key)
    members = await request.c.show_list(asked.key, with_history=asked.history)
    return ListDetails(list=found, members=tuple(members))


async def _missing(
    request: EndpointRequest, asked: ListArguments
) -> Page[MissingMember]:
    return Page(await request.c.list_missing_films(asked.key))


ENDPOINTS = (
    Endpoint(
        path="/lists",
        summary="Lists that were imported, the weightiest first, then those that are known and were not",
        returns=Page[ListOverview],
        read=_list,
        example="/lists",
    ),
    Endpoint(
        path="/lists/{key}",
        summary="One list with its members",
        returns=ListDetails,
        read=_get,
        arguments=MembersArguments,
        example="/lists/registry?history=true",
    ),
    Endpoint(
        path="/lists/{key}/missing",
        summary="Members of a list whose film is not stored, and why",
        returns=Page[MissingMember],
        read=_missing,
        arguments=ListArguments,
        example="/lists/registry/missing",
    ),
)
