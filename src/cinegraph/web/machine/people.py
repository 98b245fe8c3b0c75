"""People: who they are, with whom they worked, and by which films two of them are connected."""

from typing import Annotated

import msgspec

from cinegraph.api.relating import Collaborators, PeoplePath
from cinegraph.enrichment.collaborations.browse import Person
from cinegraph.web.machine.endpoint import (
    Endpoint,
    EndpointRequest,
    Limit,
    Page,
    Text,
)


class PeopleArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Who."""

    name: Text
    """In full; case and accents do not matter."""


class PersonArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Who."""

    person: Text
    """TMDB's id, or the name in full where only one has it."""


class CollaboratorsArguments(PersonArguments, frozen=True, kw_only=True):
    """Whose, and how many."""

    limit: Limit = 20
    """At most so many."""


class PathArguments(PersonArguments, frozen=True, kw_only=True):
    """Between whom."""

    other: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """As `person`."""


async def _list(request: EndpointRequest, asked: PeopleArguments) -> Page[Person]:
    return Page(await request.c.find_people(asked.name))


async def _get(request: EndpointRequest, asked: PersonArguments) -> Person:
    return await request.c.get_person(asked.person)


async def _collaborators(
    request: EndpointRequest, asked: CollaboratorsArguments
) -> Collaborators:
    return await request.c.list_collaborators(asked.person, limit=asked.limit)


async def _path(request: EndpointRequest, asked: PathArguments) -> PeoplePath:
    return await request.c.find_people_path(asked.person, asked.other)


ENDPOINTS = (
    Endpoint(
        path="/people",
        summary="Everybody of a name, those with most films first",
        returns=Page[Person],
        read=_list,
        arguments=PeopleArguments,
        example="/people?name=Greta%20Gerwig",
    ),
    Endpoint(
        path="/people/{person}",
        summary="One person",
        returns=Person,
        read=_get,
        arguments=PersonArguments,
        example="/people/45400",
    ),
    Endpoint(
        path="/people/{person}/collaborators",
        summary="With whom a person made most films",
        returns=Collaborators,
        read=_collaborators,
        arguments=CollaboratorsArguments,
        example="/people/45400/collaborators?limit=5",
    ),
    Endpoint(
        path="/people/{person}/path/{other}",
        summary="A shortest chain of films between two people",
        returns=PeoplePath,
        read=_path,
        arguments=PathArguments,
        example="/people/45400/path/287",
    ),
)
