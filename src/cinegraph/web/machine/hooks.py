"""`/hooks/movies`: signed news of films from elsewhere, each taken once."""

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cinegraph import clock, words
from cinegraph.api import Cinegraph
from cinegraph.api.hooking import Delivered
from cinegraph.errors import CinegraphError
from cinegraph.web.machine.news import (
    HEADER,
    LONGEST_BODY_BYTES,
    MoviesNews,
    WrongSignatureError,
    verify,
)
from cinegraph.web.problems import Problem
from cinegraph.web.security.guard import peer_of
from cinegraph.web.security.limiting import RateLimit
from cinegraph.web.troubles import Troubles, explain

_FAILURES_PER_SECOND, _FAILURES_AT_ONCE = 0.2, 10
"""Wrong signatures of one address."""
_AUDITED = "hook.movies"


class Hooks:
    """Takes news."""

    def __init__(self, c: Cinegraph, troubles: Troubles) -> None:
        self._c = c
        self._troubles = troubles
        self._failures = RateLimit(_FAILURES_PER_SECOND, _FAILURES_AT_ONCE)

    async def take_movies(self, request: Request) -> Response:
        """Make films due at once."""
        secret = self._c.settings.hook_secret
        if secret is None:
            return self._refuse(request, 404, "Hooks are switched off", hint=_HOW)
        body = await _read(request)
        if body is None:
            detail = f"More than {LONGEST_BODY_BYTES // 1024} KiB were sent."
            return self._refuse(request, 413, detail)
        try:
            signature = verify(
                request.headers.get(HEADER, ""),
                body,
                secret=secret.get_secret_value(),
                now=clock.real_now(),
            )
        except WrongSignatureError as error:
            return self._refuse_signature(request, str(error))
        try:
            news = msgspec.json.decode(body, type=MoviesNews)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            detail = f"The body is no news of films: {error}."
            return self._refuse(request, 400, detail, hint='{"tmdb_ids": [238]}')
        return await self._take(request, signature, news)

    async def _take(
        self, request: Request, signature: bytes, news: MoviesNews
    ) -> Response:
        try:
            done = await self._c.take_delivery(
                signature, tmdb_ids=news.tmdb_ids, imdb_ids=news.imdb_ids
            )
        except CinegraphError as error:
            await self._note(news, explain(error).detail, 0, error.code)
            raise
        if done is None:
            detail = "This was delivered already, and is taken once."
            await self._note(news, detail, 0, "hook_replayed")
            return self._refuse(request, 409, detail, code="hook_replayed")
        await self._note(news, _told(done), done.films, None)
        return Response(msgspec.json.encode(done), 202, media_type="application/json")

    async def _note(
        self, news: MoviesNews, outcome: str, films: int, error_code: str | None
    ) -> None:
        await self._c.note_action(
            _AUDITED,
            who="hook",
            role="hook",
            arguments={
                "tmdb_ids": news.tmdb_ids[:20],
                "imdb_ids": news.imdb_ids[:20],
                "given": len(news.tmdb_ids) + len(news.imdb_ids),
            },
            outcome=outcome,
            things=films,
            error_code=error_code,
        )

    def _refuse_signature(self, request: Request, why: str) -> Response:
        wait = self._failures.take(peer_of(request))
        if wait:
            return self._refuse(
                request, 429, f"Too many wrong signatures; try again in {wait:.0f} s."
            )
        headers = {"WWW-Authenticate": HEADER}
        problem = Problem(
            title="Not signed",
            status=401,
            detail=f"{why[:1].upper()}{why[1:]}.",
            hint="docs/guides/api.md shows how to sign.",
            code="hook_not_signed",
        )
        return self._troubles.show(request, problem, headers)

    def _refuse(
        self,
        request: Request,
        status: int,
        detail: str,
        *,
        hint: str | None = None,
        code: str = "",
    ) -> Response:
        problem = Problem(
            title="Not taken", status=status, detail=detail, hint=hint, code=code
        )
        return self._troubles.show(request, problem)


_HOW = "CINEGRAPH_HOOK_SECRET, of at least 16 characters, switches them on."


def _told(done: Delivered) -> str:
    if done.run_id is None:
        return "None of them is a film."
    return f"{words.count(done.films, 'film')} are fetched by run {done.run_id}."


async def _read(request: Request) -> bytes | None:
    """Return the body; None: it is too long."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY_BYTES:
                return None
    except ClientDisconnect:
        return None
    return body
