"""TMDB's client against a socket: what it asks, and what it makes of the answers."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from cinegraph.errors import (
    AbsentAtSourceError,
    PayloadError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
    UsageError,
)
from cinegraph.limits import Priority
from cinegraph.records.listing import FoundIds, MoviePage
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.tmdb.client import LISTS, TmdbClient
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS

type Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
type Answer = Callable[..., bytes]
type MakeClient = Callable[..., HttpClient]

FILM = msgspec.json.encode(
    {
        "id": 603,
        "title": "The Matrix",
        "imdb_id": "tt0133093",
        "genres": [],
        "production_companies": [],
        "production_countries": [],
        "spoken_languages": [],
        "credits": {"cast": [], "crew": []},
        "external_ids": {},
        "keywords": {"keywords": []},
        "videos": {"results": []},
        "release_dates": {"results": []},
        "recommendations": {"results": []},
        "alternative_titles": {"titles": []},
        "watch/providers": {"results": {}},
    }
)
NOT_FOUND = b'{"success": false, "status_code": 34, "status_message": "Not found."}'
PAGE = b'{"page": 2, "results": [{"id": 7}], "total_pages": 9999, "total_results": 1}'


class Upstream(Protocol):
    """The upstream of `conftest`: what it answers, and what it was asked."""

    script: list[bytes | Act]
    requests: list[str]
    connections: int
    url: str


class Budget(Protocol):
    """The budget of `conftest` and what it was told."""

    acquired: list[Priority]


@pytest.fixture
def client(make_client: MakeClient) -> TmdbClient:
    """Return a client of the misbehaving upstream, for German in Germany."""
    return TmdbClient(make_client(), language="de-DE", region="DE")


def asked(upstream: Upstream) -> tuple[str, dict[str, list[str]]]:
    """Return the path and the query of the only request."""
    [request] = upstream.requests
    parts = urlsplit(request.split(" ")[1])
    return parts.path, parse_qs(parts.query)


async def test_a_film_is_one_request(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """All parts come with the film, and the body is kept as it came."""
    sent = make_answer(FILM, zipped=True, ETag='"e"')
    upstream.script = [sent]

    fetched = await client.fetch_movie(603, priority=Priority.BACKFILL)

    path, query = asked(upstream)
    assert path == "/3/movie/603"
    assert query["append_to_response"] == [",".join(MOVIE_PARTS)]
    assert query["language"] == ["de-DE"]
    assert fetched.payload.title == "The Matrix"
    document = fetched.document
    assert (document.source, document.kind, document.external_id) == (
        "tmdb",
        "movie",
        "603",
    )
    assert sent.endswith(document.body_gzip)
    assert gzip.decompress(document.body_gzip) == FILM
    assert (document.size_bytes, document.etag) == (len(FILM), '"e"')


async def test_a_film_by_imdb_id(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """An IMDb id in the path answers with the film under its own id."""
    upstream.script = [make_answer(FILM)]

    fetched = await client.fetch_movie("tt0133093", priority=Priority.BACKFILL)

    assert asked(upstream)[0] == "/3/movie/tt0133093"
    assert fetched.payload.id == 603
    assert fetched.document.external_id == "603"


async def test_another_film_is_refused(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """An answer with another film's id is never stored as the one asked for."""
    upstream.script = [make_answer(FILM)]

    with pytest.raises(PayloadError, match="asked for film 604, got 603"):
        await client.fetch_movie(604, priority=Priority.BACKFILL)


async def test_a_film_without_credits_is_refused(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """A part can be missing from a 200."""
    film = msgspec.json.decode(FILM)
    del film["credits"]
    upstream.script = [make_answer(msgspec.json.encode(film))]

    with pytest.raises(PayloadError) as caught:
        await client.fetch_movie(603, priority=Priority.BACKFILL)

    assert caught.value.field == "credits"


async def test_a_film_cut_upstream_is_unknown(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """A body that was cut before it was measured and sent is asked for again."""
    upstream.script = [make_answer(FILM[:-40], zipped=True)]

    with pytest.raises(UndecodableError, match="not JSON"):
        await client.fetch_movie(603, priority=Priority.BACKFILL)


@pytest.mark.parametrize(
    "wrong", [0, -1, 2**31, True, "603", "nm0000206", "tt", "tt1/../2", "tt1?x", ""]
)
async def test_what_is_no_film_is_not_asked(
    wrong: int | str, upstream: Upstream, client: TmdbClient
) -> None:
    """A person's id, or a path in disguise, never reaches TMDB."""
    with pytest.raises(UsageError):
        await client.fetch_movie(wrong, priority=Priority.BACKFILL)

    assert upstream.requests == []


@pytest.mark.parametrize("name", LISTS)
async def test_lists(
    name: str, upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """A page of each list, with no more pages promised than TMDB serves."""
    upstream.script = [make_answer(PAGE)]

    page = await client.fetch_list(name, 2, priority=Priority.REFRESH)

    path, query = asked(upstream)
    assert path == f"/3{LISTS[name]}"
    assert query == {"page": ["2"], "language": ["de-DE"], "region": ["DE"]}
    assert page == MoviePage(2, 500, 1, (7,))


@pytest.mark.parametrize(("name", "page"), [("popular", 0), ("popular", 501), ("x", 1)])
async def test_pages_that_are_not(
    name: str, page: int, upstream: Upstream, client: TmdbClient
) -> None:
    """Pages that TMDB refuses are not asked for."""
    with pytest.raises(UsageError):
        await client.fetch_list(name, page, priority=Priority.REFRESH)

    assert upstream.requests == []


async def test_find(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """An IMDb id stands for a film, a person or a series."""
    upstream.script = [
        make_answer(b'{"movie_results": [], "person_results": [{"id": 2710}]}')
    ]

    found = await client.find("nm0000116", priority=Priority.INTERACTIVE)

    path, query = asked(upstream)
    assert path == "/3/find/nm0000116"
    assert query["external_source"] == ["imdb_id"]
    assert found == FoundIds(person_tmdb_ids=(2710,))


@pytest.mark.parametrize("wrong", ["603", "", "tt", "ev0000003", "tt1/x"])
async def test_find_takes_imdb_ids(
    wrong: str, upstream: Upstream, client: TmdbClient
) -> None:
    """Anything else is refused before it is asked."""
    with pytest.raises(UsageError):
        await client.find(wrong, priority=Priority.INTERACTIVE)

    assert upstream.requests == []


async def test_configuration(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """The configuration says where images are."""
    upstream.script = [
        make_answer(b'{"images": {"secure_base_url": "https://image.tmdb.org/t/p/"}}')
    ]

    found = await client.fetch_configuration()

    assert asked(upstream) == ("/3/configuration", {})
    assert found.images.secure_base_url == "https://image.tmdb.org/t/p/"


def paths(upstream: Upstream) -> list[str]:
    """Return the paths that were asked for, in order."""
    return [urlsplit(request.split(" ")[1]).path for request in upstream.requests]


@pytest.mark.parametrize("configuration", [NOT_FOUND, b"<html>", b""])
async def test_a_wrong_address_has_no_absent_films(
    configuration: bytes, upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """Where the configuration is missing too, a 404 is a wrong address: unknown, to be asked again."""
    upstream.script = [
        make_answer(NOT_FOUND, status=404),
        make_answer(configuration, status=404),
    ]

    with pytest.raises(SourceUnavailableError, match="should end in /3") as caught:
        await client.fetch_movie(603, priority=Priority.BACKFILL)

    assert f"the address {upstream.url} does not answer" in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert paths(upstream) == ["/3/movie/603", "/3/configuration"]


async def test_an_absence_is_proved_once(
    upstream: Upstream, make_client: MakeClient, make_answer: Answer, budget: Budget
) -> None:
    """The configuration is asked for within the budget, once, however many films are absent."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        """Have a configuration and no film."""
        is_proof = "/3/configuration" in upstream.requests[-1]
        writer.write(make_answer() if is_proof else make_answer(NOT_FOUND, status=404))

    upstream.script = [answer]
    client = TmdbClient(make_client(max_connections=1))
    asked = (client.fetch_movie(i, priority=Priority.REFRESH) for i in (603, 604, 605))
    ends = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(end) for end in ends] == [AbsentAtSourceError] * 3
    assert "there is no movie 603" in str(ends[0])
    assert paths(upstream).count("/3/configuration") == 1
    assert budget.acquired == [Priority.REFRESH] * 4


async def test_an_absence_after_a_good_answer_needs_no_proof(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """Whoever has answered once is TMDB."""
    upstream.script = [make_answer(FILM), make_answer(NOT_FOUND, status=404)]
    await client.fetch_movie(603, priority=Priority.BACKFILL)

    with pytest.raises(AbsentAtSourceError):
        await client.fetch_movie(604, priority=Priority.BACKFILL)

    assert len(upstream.requests) == 2


async def test_a_proof_put_off_leaves_the_film_unknown(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """A 429 to the configuration proves nothing: the film waits as any other would."""
    upstream.script = [
        make_answer(NOT_FOUND, status=404),
        make_answer(b"", status=429),
    ]

    with pytest.raises(SourceThrottledError):
        await client.fetch_movie(603, priority=Priority.BACKFILL)


async def test_a_missing_list_page_is_a_failure(
    upstream: Upstream, client: TmdbClient, make_answer: Answer
) -> None:
    """Every page there may be exists: a 404 is asked again, and the error says where to look."""
    upstream.script = [make_answer(NOT_FOUND, status=404)]

    with pytest.raises(SourceUnavailableError, match="list page popular 2") as caught:
        await client.fetch_list("popular", 2, priority=Priority.REFRESH)

    assert "is TMDB_BASE_URL right?" in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
