"""OMDb below `/omdb/`: one title a request, a quota a day, and the ways in which it fails."""

# ruff: noqa: PLR2004 - shares and statuses are the data this module is about

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import msgspec
from aiohttp import web

from cinegraph.sandbox.answers import PAGE, Answer
from cinegraph.sandbox.content import Body, pack, pack_json
from cinegraph.sandbox.days import SandboxClock
from cinegraph.sandbox.faults import FaultPlan, OmdbFault
from cinegraph.sandbox.quotas import DailyQuota, Tally
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sources.providers.omdb.sandbox import refusal, without_values

PREFIX = "/omdb"
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Server": "cloudflare",
    "Vary": "*, Accept-Encoding",
}
_OUTAGES = (522, 522, 524, 520)
"""What Cloudflare answers when OMDb's own server does not; 522 mostly."""
_BROKEN_PLOTS = (
    b"inner\\spiritual peace ",
    b"a raw\ttab ",
    b"raw \x1f\x08\x1d control ",
)
"""What recorded plots held: a lone backslash, and control characters that JSON forbids."""


_OF_TITLES = frozenset({OmdbFault.JSON, OmdbFault.EMPTIED})
"""Faults of a title; an error is told without them."""


class _Reply(msgspec.Struct, frozen=True):
    """What a question gets, before faults."""

    status: int
    body: Body
    is_title: bool = False


@runtime_checkable
class TitleContent(Protocol):
    """What OMDb's part asks."""

    def title(self, imdb_id: str) -> Body | None:
        """Give OMDb's body of a title, or `None` where it holds none."""


class Omdb:
    """
    Answers for OMDb.

    Args:
        content: Holds the titles; one that is no `TitleContent` holds none.
        clock: Says which day a request counts for.
    """

    def __init__(
        self, content: object, clock: SandboxClock, settings: SandboxSettings
    ) -> None:
        self._content = content if isinstance(content, TitleContent) else None
        self._clock = clock
        self._settings = settings
        self._quota = DailyQuota(settings.omdb_limit, settings.omdb_reset_seconds)
        self.plan = FaultPlan(
            settings.faults,
            settings.seed,
            kinds=OmdbFault,
            until_seconds=settings.fault_until_seconds,
        )
        self._flying: list[web.BaseRequest] = []
        self.reset()

    def reset(self) -> None:
        """Forget what was served, quotas too."""
        self.plan.forget()
        self._quota.forget()
        self._tally = Tally()
        self._refused_by_key = 0
        self._most_in_flight = 0

    def told(self) -> dict[str, Any]:
        """Give the report as JSON's types."""
        days = self._quota.told()
        return {
            **self._tally.told(),
            "limit": self._quota.limit,
            "reset_seconds": self._settings.omdb_reset_seconds,
            "refused_by_limit": sum(day["refused"] for day in days),
            "refused_by_key": self._refused_by_key,
            "most_in_flight": self._most_in_flight,
            "days": days,
        }

    def summary(self) -> str:
        """Tell the report in a line."""
        told = self.told()
        limit = f"refused by the limit {told['refused_by_limit']}"
        flight = f"at most {told['most_in_flight']} at once"
        return f"OMDb: served {told['requests']} requests, {flight}, {limit}"

    @contextmanager
    def in_flight(self, request: web.BaseRequest) -> Iterator[None]:
        """Count *request* as in flight within the block, unless its client hangs up."""
        self._flying.append(request)
        open_now = sum(one.transport is not None for one in self._flying)
        self._most_in_flight = max(self._most_in_flight, open_now)
        try:
            yield
        finally:
            # By identity: requests are mappings, and equal when they look alike.
            self._flying = [one for one in self._flying if one is not request]

    def answer(self, query: Mapping[str, str], *, takes_gzip: bool) -> Answer:
        """Decide how a question is answered, and count it."""
        path = f"{PREFIX}/{query.get('i', '')}"
        fault, variant = self.plan.choose(path, is_film=True)
        if fault is OmdbFault.OUTAGE:
            answer = _outage(variant)
        else:
            reply = self._reply(query)
            if fault in _OF_TITLES and not reply.is_title:
                fault = None
            answer = self._spoil(reply, fault, variant, takes_gzip=takes_gzip)
        self._tally.note(answer.status, fault, len(answer.body))
        return answer

    def _reply(self, query: Mapping[str, str]) -> _Reply:
        """Check the key, then the quota, then look the title up."""
        key = query.get("apikey", "")
        wanted = self._settings.omdb_key
        if wanted is not None and key != wanted:
            self._refused_by_key += 1
            return _refuse("Invalid API key!" if key else "No API key provided.", 401)
        if not self._quota.take(key, self._clock.now()):
            return _refuse("Request limit reached!", 401)
        imdb_id = query.get("i", "")
        if re.fullmatch(r"tt[0-9]+", imdb_id) is None:
            return _misread(imdb_id, query)
        body = None if self._content is None else self._content.title(imdb_id)
        return (
            _refuse("Movie not found!")
            if body is None
            else _Reply(200, body, is_title=True)
        )

    def _spoil(
        self, reply: _Reply, fault: StrEnum | None, variant: float, *, takes_gzip: bool
    ) -> Answer:
        """Send the reply, as *fault* makes it; *variant* chooses among its forms."""
        match fault:
            case OmdbFault.HTML:
                return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, PAGE)
            case OmdbFault.JSON:
                reply = _Reply(200, pack(_break_plot(reply.body.plain(), variant)))
            case OmdbFault.EMPTIED:
                told = msgspec.json.decode(reply.body.plain())
                reply = _Reply(200, pack_json(without_values(told)))
            case OmdbFault.CUT if variant >= 0.5:
                plain = reply.body.plain()
                return Answer(200, dict(_HEADERS), plain[: len(plain) // 2])
        answer = _whole(reply, takes_gzip=takes_gzip)
        answer.is_cut = fault is OmdbFault.CUT
        if fault is OmdbFault.SLOW:
            answer.extra_seconds = self._settings.slow_seconds
        return answer


@lru_cache
def _refuse(error: str, status: int = 200) -> _Reply:
    """Answer with one of OMDb's errors, most of them with status 200."""
    return _Reply(status, pack_json(refusal(error)))


def _misread(imdb_id: str, query: Mapping[str, str]) -> _Reply:
    """Answer a question that names no title: in a form that is no JSON, for some ids."""
    if "i" not in query and {"t", "s"} & query.keys():
        return _refuse("Movie not found!")
    digits = imdb_id.removeprefix("tt")
    if not digits or digits == imdb_id:
        return _refuse("Incorrect IMDb ID.")
    error = f"Conversion from string \"{digits}\" to type 'Double' is not valid."
    return _Reply(200, pack(f'{{"Response":"False","Error":"{error}"}}'.encode()))


def _whole(reply: _Reply, *, takes_gzip: bool) -> Answer:
    """Send the reply as it is."""
    if not takes_gzip:
        return Answer(reply.status, dict(_HEADERS), reply.body.plain())
    headers = {**_HEADERS, "Content-Encoding": "gzip"}
    return Answer(reply.status, headers, reply.body.gzipped)


def _outage(variant: float) -> Answer:
    """Answer as Cloudflare does while OMDb's own server is away."""
    status = _OUTAGES[int(variant * len(_OUTAGES))]
    headers = {"Content-Type": "text/plain; charset=UTF-8", "Server": "cloudflare"}
    return Answer(status, headers, f"error code: {status}".encode())


def _break_plot(plain: bytes, variant: float) -> bytes:
    """Make a plot, or a title without one, what JSON forbids."""
    words = _BROKEN_PLOTS[int(variant * len(_BROKEN_PLOTS))]
    field = b'"Plot":"' if b'"Plot":"' in plain else b'"Title":"'
    return plain.replace(field, field + words, 1)
