"""What an endpoint is, and what its function gets."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from cinegraph.api import Cinegraph
from cinegraph.errors import UsageError
from cinegraph.web.arguments import convert, is_many
from cinegraph.web.readings import Reading, Readings

PREFIX = "/api/v1"
LARGEST_ID = 2**63 - 1
_IN_BRACES = re.compile(r"{(\w+)(?::\w+)?}")

type Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
"""Of something of ours."""
type TmdbId = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
type Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
type Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Nothing(msgspec.Struct, frozen=True):
    """No arguments."""


class Page[T](msgspec.Struct, frozen=True):
    """A part of a list."""

    items: Sequence[T]
    next: str | None = None
    """What to give as `after` for the next page; null: this is the last."""


@dataclass(frozen=True, slots=True)
class EndpointRequest:
    """One question."""

    c: Cinegraph
    _readings: Readings

    async def read[T](self, reading: Reading[T]) -> T:
        """Return what is kept for a moment, or read it now."""
        return await self._readings.get(reading)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that a program may ask, as data."""

    path: str
    """Below `/api/v1`; what stands in braces is an argument."""
    summary: str
    """In a few words, without a full stop."""
    returns: Any
    """The type of the answer."""
    read: Callable[[EndpointRequest, Any], Awaitable[Any]]
    example: str
    """An address below `/api/v1`."""
    arguments: type[msgspec.Struct] = Nothing
    """Of path and query; a field that the path does not name is a query parameter."""
    tag: str = ""
    """Its subject; `endpoints` fills it in."""


def names_in(path: str) -> list[str]:
    """Return the arguments that a path names."""
    return _IN_BRACES.findall(path)


def plain_path(path: str) -> str:
    """Return a path without the kinds of its arguments: `/runs/{run_id}`."""
    return _IN_BRACES.sub(r"{\1}", path)


def parse_arguments[T: msgspec.Struct](
    path: Mapping[str, Any], query: Sequence[tuple[str, str]], kind: type[T]
) -> T:
    """
    Return what a program gave, as a struct of *kind*.

    Raises:
        UsageError: A parameter is unknown, given twice, or cannot be; says which.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = dict(path)
    for name, text in query:
        if name not in fields or name in path:
            known = ", ".join(each for each in fields if each not in path) or "none"
            raise UsageError(
                f"there is no parameter {name[:100]!r}", hint=f"Known are: {known}."
            )
        if is_many(fields[name].type):
            values.setdefault(name, []).append(text)
        elif name in values:
            raise UsageError(f"{name} is given twice", hint="Give it once.")
        else:
            values[name] = text
    return convert(values, kind)


def to_page[T](found: Sequence[T], limit: int, key: Callable[[T], object]) -> Page[T]:
    """Return the first *limit* of *found*, which holds one more where there is a next page."""
    items = found[:limit]
    return Page(items, str(key(items[-1])) if len(found) > limit else None)
