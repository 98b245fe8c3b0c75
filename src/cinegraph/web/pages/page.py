"""What a page is, and what its function gets."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request

from cinegraph.api import Cinegraph
from cinegraph.web.arguments import convert, is_many
from cinegraph.web.readings import Glance, Reading, Readings
from cinegraph.web.security.access import Visitor

type Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was asked for has a page of its own."""

    to: str
    """Its path, made of ids of ours."""


type Read = Callable[[PageRequest], Awaitable[Context | Elsewhere]]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One look at a page."""

    http: Request
    c: Cinegraph
    visitor: Visitor
    _readings: Readings

    async def read[T](self, reading: Reading[T]) -> T:
        """Return what is kept for a moment, or read it now."""
        return await self._readings.get(reading)

    async def glance[T](self, reading: Reading[T]) -> Glance[T]:
        """Return what was read last, and have it read anew beside; see `Readings.glance`."""
        return await self._readings.glance(reading)

    def number(self, name: str) -> int:
        """Return a number of the path, such as the run's of `/runs/{run_id:int}`."""
        return int(self.http.path_params[name])

    def text(self, name: str) -> str:
        """Return a word of the path."""
        return str(self.http.path_params[name])

    def filters[T: msgspec.Struct](self, kind: type[T]) -> T:
        """
        Return what stands behind the question mark of the address, as a struct of *kind*; unset fields are as declared.

        Raises:
            UsageError: A filter has a value that it cannot have.
        """
        return read_query(self.http, kind)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as data."""

    path: str
    name: str
    """Of its route and its template."""
    title: str
    """In the browser's tab and the menu."""
    read: Read
    section: str | None
    """Of the menu; None: it is reached from another page."""
    key: str | None
    """Follows `g` on the keyboard."""
    seconds: float | None
    """At least so many between two looks of a page that is open; None: it does not change by itself."""


PAGES: list[Page] = []
"""Every page, in the order of the menu."""


def page(
    path: str,
    *,
    name: str,
    title: str,
    section: str | None = None,
    key: str | None = None,
    seconds: float | None = 2.0,
) -> Callable[[Read], Read]:
    """Make a function a page; see `Page`."""

    def add(read: Read) -> Read:
        PAGES.append(
            Page(
                path=path,
                name=name,
                title=title,
                read=read,
                section=section,
                key=key,
                seconds=seconds,
            )
        )
        return read

    return add


def read_query[T: msgspec.Struct](request: Request, kind: type[T]) -> T:
    """Return the query as a struct of *kind*; lists from fields that come more than once (UsageError)."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for name, field in fields.items():
        given = [text for text in request.query_params.getlist(name) if text.strip()]
        if given:
            values[name] = given if is_many(field.type) else given[-1].strip()
    return convert(values, kind)
