"""TMDB's paths and refusals: which question gets which body. No I/O."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from cinegraph.sandbox.content import (
    LAST_PAGE,
    Body,
    ChangingContent,
    Content,
    SearchedContent,
    pack_json,
)
from cinegraph.sandbox.user_lists import (
    PRIVATE,
    ListedContent,
    ListFault,
    tell_page,
)
from cinegraph.sources.providers.tmdb.sandbox import EMPTY_PARTS

PREFIX = "/3"
_DAY = timedelta(days=1)
_LONGEST = 14 * _DAY
"""Of a window of the feed of changes."""
_MOST_PARTS = 20
_PERSON_PART = "external_ids"
"""The one part of a person that is told; TMDB's others are passed over."""
_YEAR_DIGITS = 4
_REFUSALS = {
    7: (401, "Invalid API key: You must be granted a valid key."),
    11: (500, "Internal error: Something went wrong, contact TMDb."),
    20: (
        422,
        "Invalid date range: Should be a range no longer than 14 days.",
    ),
    22: (
        400,
        "Invalid page: Pages start at 1 and max at 500. They must be integers.",
    ),
    25: (429, "Your request count is over the allowed limit."),
    27: (
        400,
        "Too many append to response objects: The maximum is 20.",
    ),
    34: (404, "The resource you requested could not be found."),
    39: (401, "This resource is private."),
    43: (502, "Couldn't connect to the backend server."),
    46: (503, "The API is undergoing maintenance. Try again later."),
    24: (504, "Your request to the backend server timed out. Try again."),
}


class Reply(msgspec.Struct, frozen=True):
    """What a question gets, before limits and faults."""

    status: int
    body: Body
    endpoint: str
    """What the report counts it as."""
    is_film: bool = False


@lru_cache
def refusal(code: int) -> tuple[int, Body]:
    """Give the status and body of one of TMDB's error codes."""
    status, message = _REFUSALS[code]
    told = {"success": False, "status_code": code, "status_message": message}
    return status, pack_json(told)


def refuse(code: int, endpoint: str) -> Reply:
    """Answer with one of TMDB's error codes."""
    status, body = refusal(code)
    return Reply(status, body, endpoint)


class Routes:
    """Answers questions from a `Content`."""

    def __init__(self, content: Content, key: str | None = None) -> None:
        self._content = content
        self._key = key
        self.list_fault: ListFault | None = None
        """How lists of users are spoilt."""

    def answer(self, path: str, query: Mapping[str, str], bearer: str) -> Reply:
        """Answer a GET of *path*, asked with the key in *bearer* or in the query."""
        if not self.admits(query, bearer):
            return refuse(7, "unauthorised")
        if not path.startswith(PREFIX + "/"):
            return refuse(34, "unknown")
        steps = path[len(PREFIX) + 1 :].rstrip("/").split("/")
        return self._route(steps, query)

    def admits(self, query: Mapping[str, str], bearer: str) -> bool:
        """Say whether the key in *bearer* or in the query is the one that is accepted."""
        return self._key is None or (bearer or query.get("api_key", "")) == self._key

    def _route(self, steps: list[str], query: Mapping[str, str]) -> Reply:
        """Find who answers a path."""
        match steps:
            case ["movie", name] if name[:1].isdecimal() or name.startswith("tt"):
                return self._film(name, query)
            case ["movie", *name, "changes"] if isinstance(
                self._content, ChangingContent
            ):
                return self._changes(self._content, name, query)
            case ["movie", name, *part] if part and name[:1].isdecimal():
                return self._part(name, "/".join(part))
            case ["movie", name] | ["trending" as name, "movie", "day" | "week"]:
                return self._page(name, query)
            case ["find", external_id]:
                return _found("find", self._content.find(external_id))
        return self._further(steps, query)

    def _further(self, steps: list[str], query: Mapping[str, str]) -> Reply:
        """Answer with a person or a search, if the content knows them, or any other path."""
        if isinstance(self._content, SearchedContent):
            match steps:
                case ["person", name, *part] if name[:1].isdecimal():
                    return self._person(self._content, name, part, query)
                case ["search", "movie"]:
                    return self._search(self._content, query)
        if isinstance(self._content, ListedContent):
            match steps:
                case ["list", name] if name.isdecimal() and name.isascii():
                    return self._user_list(self._content, int(name), query)
        return self._other("/" + "/".join(steps))

    def _film(self, name: str, query: Mapping[str, str]) -> Reply:
        """Answer with a film by TMDb or IMDb id."""
        asked = query.get("append_to_response", "")
        if asked.count(",") >= _MOST_PARTS:
            return refuse(27, "movie")
        tmdb_id = self._id_of(name)
        body = None if tmdb_id is None else self._content.movie(tmdb_id, _parts(asked))
        return _found("movie", body, is_film=True)

    def _id_of(self, name: str) -> int | None:
        """Read a film's id as the path names it; TMDB takes `11-star-wars` for 11."""
        if name.startswith("tt"):
            return self._content.tmdb_id_of(name)
        digits = name.partition("-")[0]
        return int(digits) if digits.isdecimal() and digits.isascii() else None

    def _part(self, name: str, part: str) -> Reply:
        """Answer with one part of a film by itself."""
        tmdb_id = self._id_of(name)
        body = None
        if tmdb_id is not None and part in EMPTY_PARTS:
            body = self._content.movie(tmdb_id, (part,))
        if body is None or tmdb_id is None:
            return self._other(f"/movie/{name}/{part}")
        told = msgspec.json.decode(body.plain(), type=dict[str, msgspec.Raw])
        inner = msgspec.json.decode(told[part], type=dict[str, msgspec.Raw])
        return _found("movie_part", pack_json({"id": tmdb_id, **inner}))

    def _person(
        self,
        content: SearchedContent,
        name: str,
        part: list[str],
        query: Mapping[str, str],
    ) -> Reply:
        """Answer with a person, or with a part of one by itself."""
        asked = query.get("append_to_response", "")
        if asked.count(",") >= _MOST_PARTS:
            return refuse(27, "person")
        tmdb_id = self._id_of(name)
        if tmdb_id is None or part not in ([], [_PERSON_PART]):
            return refuse(34, "person")
        is_wanted = bool(part) or _PERSON_PART in asked.split(",")
        body = content.person(tmdb_id, (_PERSON_PART,) if is_wanted else ())
        if body is None or not part:
            return _found("person", body)
        told = msgspec.json.decode(body.plain())
        return _found("person", pack_json({"id": tmdb_id, **told[_PERSON_PART]}))

    @staticmethod
    def _search(content: SearchedContent, query: Mapping[str, str]) -> Reply:
        """Answer with a page of the films whose titles hold the words asked for."""
        page = _page_of(query)
        if page is None:
            return refuse(22, "search")
        year = query.get("primary_release_year") or query.get("year") or ""
        is_year = year.isdecimal() and year.isascii() and len(year) <= _YEAR_DIGITS
        asked = query.get("query", "")
        return _found(
            "search", content.search(asked, int(year) if is_year else None, page)
        )

    def _page(self, name: str, query: Mapping[str, str]) -> Reply:
        """Answer with a page of a list."""
        page = _page_of(query)
        if page is None:
            return refuse(22, name)
        body = self._content.page(name, page)
        return self._other(f"/movie/{name}") if body is None else _found(name, body)

    def _user_list(
        self, content: ListedContent, number: int, query: Mapping[str, str]
    ) -> Reply:
        """Answer with a page of a list that a user keeps."""
        page = _page_of(query)
        if page is None:
            return refuse(22, "list")
        if number == PRIVATE or self.list_fault is ListFault.PRIVATE:
            return refuse(39, "list")
        rows = content.user_list_rows(number)
        if rows is None or self.list_fault is ListFault.ABSENT:
            return refuse(34, "list")
        return Reply(200, tell_page(rows, number, page, self.list_fault), "list")

    def _changes(
        self, content: ChangingContent, name: list[str], query: Mapping[str, str]
    ) -> Reply:
        """Answer with a page of the feed of changes, or with what of one film changed."""
        endpoint = "movie_changes" if name else "changes"
        window, page = self._window(query, content.today()), _page_of(query)
        if window is None or page is None:
            return refuse(22 if page is None else 20, endpoint)
        if not name:
            return _found(endpoint, content.changes(*window, page))
        tmdb_id = self._id_of(name[0])
        body = None if tmdb_id is None else content.movie_changes(tmdb_id, *window)
        return _found(endpoint, body)

    @staticmethod
    def _window(query: Mapping[str, str], today: date) -> tuple[date, date] | None:
        """Read a window of days, by default yesterday and today; None: there is no such, or it is too long."""
        try:
            end = _day_of(query, "end_date") or today + _DAY
            first = _day_of(query, "start_date") or end - 2 * _DAY
        except ValueError:
            return None
        return (first, end) if _DAY * 0 <= end - first <= _LONGEST else None

    def _other(self, path: str) -> Reply:
        """Answer any other path, if the content has it."""
        return _found(path.split("/")[1] or "unknown", self._content.other(path))


def _page_of(query: Mapping[str, str]) -> int | None:
    """Read the number of a page; None: TMDB has no such."""
    text = query.get("page", "1")
    is_page = text.isdecimal() and text.isascii() and 1 <= int(text) <= LAST_PAGE
    return int(text) if is_page else None


def _day_of(query: Mapping[str, str], name: str) -> date | None:
    """Read a day; None: it is not told (ValueError: it is none)."""
    return date.fromisoformat(query[name]) if query.get(name) else None


def _found(endpoint: str, body: Body | None, *, is_film: bool = False) -> Reply:
    """Answer with the body, or that there is none."""
    if body is not None:
        return Reply(200, body, endpoint, is_film)
    status, absent = refusal(34)
    return Reply(status, absent, endpoint, is_film)


@lru_cache(256)
def _parts(asked: str) -> tuple[str, ...]:
    """Read the parts TMDB knows, each once; it passes over the others."""
    return tuple(
        dict.fromkeys(part for part in asked.split(",") if part in EMPTY_PARTS)
    )
