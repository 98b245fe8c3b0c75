"""Festivals and their editions."""

from typing import Annotated

import msgspec

from cinegraph.festivals.browse import (
    AwardsStatus,
    EditionSummary,
    Festival,
    Nomination,
)
from cinegraph.web.machine.endpoint import (
    Endpoint,
    EndpointRequest,
    Nothing,
    Page,
    Text,
)
from cinegraph.web.readings import Reading

FESTIVALS: Reading[list[Festival]] = Reading(
    "festivals", 10.0, lambda c: c.list_festivals()
)


class FestivalArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which festival."""

    festival: Text
    """Its key, such as `oscars`."""


class EditionArguments(FestivalArguments, frozen=True, kw_only=True):
    """Which edition."""

    year: Annotated[int, msgspec.Meta(ge=1800, le=2200)]
    """In which it was held."""
    part: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    """Of several editions in one year, which."""


class FestivalDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A festival, and how its sources stand."""

    festival: Festival
    years: list[int]
    """Of the editions that are stored, ascending; a year with two editions twice."""
    awards: AwardsStatus


class EditionDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An edition with its nominations."""

    summary: EditionSummary
    nominations: list[Nomination]
    """Competitive categories first, winners first."""


async def _list(request: EndpointRequest, _: Nothing) -> Page[Festival]:
    return Page(await request.read(FESTIVALS))


async def _get(request: EndpointRequest, asked: FestivalArguments) -> FestivalDetails:
    # First: it says which festivals there are.
    years = await request.c.list_edition_years(asked.festival)
    found = await request.read(FESTIVALS)
    return FestivalDetails(
        festival=next(each for each in found if each.key == asked.festival),
        years=years,
        awards=await request.c.get_awards_status(asked.festival),
    )


async def _edition(request: EndpointRequest, asked: EditionArguments) -> EditionDetails:
    which = (asked.festival, asked.year)
    nominations = await request.c.show_edition(*which, part=asked.part)
    summary = await request.c.summarize_edition(*which, part=asked.part)
    assert summary is not None  # noqa: S101 - it has nominations
    return EditionDetails(summary=summary, nominations=nominations)


ENDPOINTS = (
    Endpoint(
        path="/festivals",
        summary="Every festival, the most prestigious first",
        returns=Page[Festival],
        read=_list,
        example="/festivals",
    ),
    Endpoint(
        path="/festivals/{festival}",
        summary="One festival: its editions, and how reading its sources went",
        returns=FestivalDetails,
        read=_get,
        arguments=FestivalArguments,
        example="/festivals/oscars",
    ),
    Endpoint(
        path="/festivals/{festival}/{year:int}",
        summary="An edition: nominees and winners, linked to films and people",
        returns=EditionDetails,
        read=_edition,
        arguments=EditionArguments,
        example="/festivals/oscars/2024",
    ),
)
