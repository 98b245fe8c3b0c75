"""Cultural lists: how they stand, who is on them, whose film is missing, who joined and left."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from cinegraph.api.listing import NOT_IMPORTED, ListOverview, MissingMember
from cinegraph.errors import UsageError
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

PAGE_SIZE: Final = 50
MOST_MISSING: Final = 200
"""Gaps on one page; `cinegraph lists missing` names all."""
LISTS: Reading[list[ListOverview]] = Reading("lists", 5.0, lambda c: c.list_lists())


class ListFilter(msgspec.Struct, frozen=True):
    """Of a list's page."""

    show: Literal["members", "missing", "history"] = "members"
    after: str | None = None
    """Of the page before: a member, or of history `time kind member`."""


@page("/lists", name="lists", title="Lists", section="Catalogue", key="l")
async def lists(request: PageRequest) -> Context:
    """Show the lists that are imported, how they stand, and those that could be."""
    found = await request.read(LISTS)
    return {
        "imported": [each for each in found if each.state != NOT_IMPORTED],
        "offers": [each for each in found if each.state == NOT_IMPORTED],
    }


@page("/lists/{key}", name="list", title="List", seconds=5.0)
async def one_list(request: PageRequest) -> Context:
    """Show who stands on a list, whose film is missing, or who joined and left."""
    key = request.text("key")
    asked = request.filters(ListFilter)
    found = await request.c.get_list(key)
    known = {each.key: each for each in await request.read(LISTS)}
    if key not in known:
        # It was imported a moment ago.
        known = {each.key: each for each in await request.c.list_lists()}
    context = {
        "asked": asked,
        "found": found,
        "overview": known[key],
        "films": [],
        "turns": [],
        "missing": [],
        "most": MOST_MISSING,
        "next": None,
    }
    if asked.show == "members":
        listed = await request.c.page_list(key, after=asked.after, limit=PAGE_SIZE)
        return {**context, "films": listed.films, "next": listed.after}
    if asked.show == "missing":
        return {**context, "missing": await request.read(_missing(key))}
    turns = await request.c.list_turns(
        key, before=_read_mark(asked.after), limit=PAGE_SIZE + 1
    )
    last = turns[PAGE_SIZE - 1] if len(turns) > PAGE_SIZE else None
    mark = f"{last.at.isoformat()} {last.kind} {last.entry_key}" if last else None
    return {**context, "turns": turns[:PAGE_SIZE], "next": mark}


def _missing(key: str) -> Reading[list[MissingMember]]:
    return Reading("missing", 5.0, lambda c: c.list_missing_films(key), key)


def _read_mark(text: str | None) -> tuple[datetime, str, str] | None:
    """Return time, kind and member of the last turn of the page before."""
    if text is None:
        return None
    try:
        at, kind, entry_key = text.split(" ", 2)
        return datetime.fromisoformat(at), kind, entry_key
    except ValueError:
        raise UsageError(
            f"{text[:100]!r} is no place in a history",
            hint="Begin at its first page.",
        ) from None
