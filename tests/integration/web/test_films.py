"""The pages of films: found, shown with all that is known, escaped; and what can be done there."""

import html
from datetime import date
from typing import Any, LiteralString

import psycopg
import pytest

from cinegraph.catalog import tombstones
from cinegraph.catalog.storing import store_films
from cinegraph.catalog.tombstones import Burial
from cinegraph.db.pool import Pool
from cinegraph.enrichment.cri.storing import score_all
from cinegraph.records.movie import CreditKind, CreditRecord, MovieRecord
from cinegraph.web.pages.films import initials, poster_address
from factories import NOON, make_film, make_person, make_record, make_whole_record
from valuing import fill

from .conftest import VIEWER, Dashboard, OpenDashboard, bearer

EVIL = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
TABS = ("", "/score", "/related", "/provenance")


async def _store(pool: Pool, *records: MovieRecord) -> list[int]:
    async with pool.connection() as conn, conn.transaction():
        await store_films(conn, [make_film(one) for one in records], now=NOON)
        ids = dict(
            await (await conn.execute("SELECT tmdb_id, id FROM movies")).fetchall()
        )
    return [ids[one.tmdb_id] for one in records]


async def _fetch(pool: Pool, query: LiteralString) -> list[Any]:
    async with pool.connection() as conn:
        return await (await conn.execute(query)).fetchall()


@pytest.mark.parametrize("asked", ["603", "tt0133093", "%23{id}"])
async def test_an_id_leads_straight_to_its_film(
    dashboard: Dashboard, pool: Pool, asked: str
) -> None:
    """TMDB's, IMDb's and ours, typed where titles are."""
    [film] = await _store(pool, make_whole_record())
    answer = await dashboard.get("/films?q=" + asked.format(id=film))
    assert answer.status == 303
    assert answer.headers["Location"] == f"/films/{film}"


@pytest.mark.parametrize("path", ["/films/tmdb/603", "/films/imdb/tt0133093"])
async def test_addresses_by_the_ids_of_others(
    dashboard: Dashboard, pool: Pool, path: str
) -> None:
    """They lead to ours; of a film that is not stored they say how it is fetched."""
    missing = await dashboard.get(path)
    assert missing.status == 404
    assert "is stored" in missing.text
    [film] = await _store(pool, make_whole_record())
    answer = await dashboard.get(path)
    assert (answer.status, answer.headers["Location"]) == (303, f"/films/{film}")


async def test_a_number_that_is_a_title_shows_both(
    dashboard: Dashboard, pool: Pool
) -> None:
    """Who looks for 1917 means the film of that name, and may mean TMDB's id."""
    other, called = await _store(
        pool, make_record(1917, title="Other"), make_record(5, title="1917")
    )
    answer = await dashboard.get("/films?q=1917")
    assert answer.status == 200
    assert f'href="/films/{called}">1917</a>' in answer.text
    assert f'href="/films/{other}">this film</a>' in answer.text


async def test_an_id_of_no_stored_film_offers_to_fetch_it(
    closed: Dashboard, dashboard: Dashboard
) -> None:
    """An operator gets a button, a viewer is told who can."""
    answer = await dashboard.get("/films?q=tt0068646")
    assert "No film tt0068646 is stored." in answer.text
    assert 'action="/films/fetch"' in answer.text
    viewer = await closed.get("/films?q=tt0068646", **bearer(VIEWER))
    assert "An operator can fetch it." in viewer.text
    assert 'action="/films/fetch"' not in viewer.text
    done = await dashboard.post("/films/fetch", data={"reference": "238"})
    assert done.status == 303
    assert done.headers["Location"].startswith("/runs/")
    empty = await dashboard.post("/films/fetch")
    assert empty.status == 400


async def test_films_are_filtered_by_the_address(
    dashboard: Dashboard, pool: Pool
) -> None:
    """What stands in the address stands in the form again, and a wrong value is told."""
    await _store(
        pool,
        make_record(1, title="Old", released_on=date(1950, 1, 1)),
        make_record(2, title="New", released_on=date(2020, 1, 1)),
    )
    answer = await dashboard.get("/films?year_from=2000&year_to=&genre=&sort=release")
    assert answer.status == 200
    assert ">New</a>" in answer.text
    assert ">Old</a>" not in answer.text
    assert 'name="year_from" min="1870" max="2100" value="2000"' in answer.text
    assert "1 film" in answer.text
    for wrong in ("year_from=x", "sort=nothing", "state=1", "after=x"):
        assert (await dashboard.get(f"/films?{wrong}")).status == 400, wrong


async def test_the_next_page_goes_on(dashboard: Dashboard, pool: Pool) -> None:
    """Fifty a page, each film once, the filter kept."""
    await _store(
        pool, *(make_record(n, popularity=float(n % 7)) for n in range(1, 121))
    )
    path, met = "/films?q=film", []
    for _ in range(3):
        text = (await dashboard.get(path)).text
        met += [line.split('"')[0] for line in text.split('row"><a href="/films/')[1:]]
        nxt = text.partition('<a class="button" href="')[2].partition('"')[0]
        path = nxt.replace("&amp;", "&")
    assert path == ""
    assert len(met) == len(set(met)) == 120


@pytest.mark.parametrize("tab", TABS)
async def test_everything_from_upstream_is_escaped(
    dashboard: Dashboard, pool: Pool, tab: str
) -> None:
    """Titles, names, characters, jobs: none of it is markup."""
    [film] = await _store(
        pool,
        make_record(
            1,
            title=EVIL,
            original_title=EVIL,
            overview=EVIL,
            tagline=EVIL,
            poster_path='/"><script>alert(1)</script>.jpg',
            people=(make_person(1, EVIL),),
            credits=(
                CreditRecord("a", 1, CreditKind.CAST, None, None, EVIL, 0),
                CreditRecord("b", 1, CreditKind.CREW, EVIL, EVIL, None, 0),
            ),
        ),
    )
    for path in (f"/films/{film}{tab}", "/films", f"/films?q={EVIL}"):
        answer = await dashboard.get(path)
        assert answer.status == 200
        assert ESCAPED in answer.text
        assert "<script>" not in answer.text


async def test_a_film_is_shown_with_all_that_is_known(
    dashboard: Dashboard, pool: Pool
) -> None:
    """Facts, people with links, ratings with their source, offers with JustWatch, why it is as it is."""
    [film] = await _store(pool, make_whole_record())
    text = (await dashboard.get(f"/films/{film}")).text
    for told in (
        "<h1>The Matrix",
        "Free your mind.",
        "136 min",
        "budget $63,000,000",
        "The Matrix Collection",
        "8.2/10",
        "26,000",
        'href="/about#tmdb"',
        "JustWatch",
        "Netflix",
        "Director, Writer",
        ">Neo</span>",
        "It is stored, but no source keeps track of it.",
        "Refresh now",
    ):
        assert told in text, told
    assert (await dashboard.get("/films/999999")).status == 404
    assert (await dashboard.get(f"/films/{10**40}")).status == 404


async def test_credits_beyond_twenty_are_folded(
    dashboard: Dashboard, pool: Pool
) -> None:
    """They are on the page, behind a word."""
    count = 23
    [film] = await _store(
        pool,
        make_record(
            1,
            people=tuple(make_person(n) for n in range(1, count + 1)),
            credits=tuple(
                CreditRecord(f"c{n}", n, CreditKind.CAST, None, None, None, n)
                for n in range(1, count + 1)
            ),
        ),
    )
    text = (await dashboard.get(f"/films/{film}")).text
    shown, _, folded = text.partition("<summary>3 more</summary>")
    assert "Person 20<" in shown
    assert "Person 21<" not in shown
    assert "Person 23<" in folded


async def test_provenance_tells_bodies_and_changes(
    dashboard: Dashboard, pool: Pool
) -> None:
    """From which body, when it came, what changed since, and each id."""
    [film] = await _store(pool, make_whole_record())
    run = await dashboard.c.import_movies(["603"])
    text = (await dashboard.get(f"/films/{film}/provenance")).text
    for told in ("tmdb movie", "Q83495", "wanted", "ImportMovie", f"/runs/{run}"):
        assert told in text or told == "wanted", told


def _burial(movie_id: int) -> Burial:
    return Burial(
        movie_id=movie_id,
        denied_at=NOON,
        last_denied_at=NOON,
        denials=3,
        missing_since=NOON.date(),
        exports=4,
    )


async def test_a_film_that_went_shows_the_evidence(
    dashboard: Dashboard, pool: Pool
) -> None:
    """It is listed only where gone films are asked for, and a person lets it live again."""
    film, heir = await _store(pool, make_record(1), make_record(2))
    async with pool.connection() as conn, conn.transaction():
        await tombstones.bury(conn, [_burial(film)], now=NOON)
        await conn.execute(
            "INSERT INTO movie_redirects (from_movie_id, to_movie_id, evidence, detail, confidence, found_at)"
            " VALUES (%s, %s, 'imdb_id', 'tt0000001', 0.95, %s)",
            [film, heir, NOON],
        )
    text = (await dashboard.get(f"/films/{film}")).text
    assert "TMDB has it no longer" in text
    assert "3 404s" in text
    assert "4 daily lists in a row" in text
    assert f'It is another film now:</strong> <a href="/films/{heir}">' in text
    assert (
        f'href="/films/{film}">Film 1</a> is this film now'
        in (await dashboard.get(f"/films/{heir}")).text
    )
    assert ">Film 1</a>" not in (await dashboard.get("/films")).text
    assert ">Film 1</a>" in (await dashboard.get("/films?state=gone")).text
    await dashboard.post(f"/films/{film}/part")
    assert "They are one film" in (await dashboard.get(f"/films/{film}")).text
    await dashboard.post(f"/films/{film}/merge")
    assert "They are two films" in (await dashboard.get(f"/films/{film}")).text
    await dashboard.post(f"/films/{film}/restore")
    assert "TMDB has it no longer" not in (await dashboard.get(f"/films/{film}")).text


async def test_a_score_is_told_term_by_term(
    dashboard: Dashboard, pool: Pool, database_url: str
) -> None:
    """In the words of the command, summing up; before a pass measured anything it is said what to do."""
    with psycopg.connect(database_url) as connection:
        fill(connection, 5)
    assert "No film was scored yet." in (await dashboard.get("/films/1/score")).text
    await score_all(pool, now=NOON)
    [(movie_id,)] = await _fetch(
        pool, "SELECT movie_id FROM cri_scores WHERE score > 0 ORDER BY 1 LIMIT 1"
    )
    explained = await dashboard.c.explain_score(f"#{movie_id}")
    assert explained is not None
    assert explained.score is not None
    text = html.unescape((await dashboard.get(f"/films/{movie_id}/score")).text)
    assert f"<strong>{explained.score:.2f}</strong> of 100" in text
    for term in explained.terms:
        assert f"</em>: {term.fact}</td>" in text
    assert (
        f">{explained.score:.1f}</dd>"
        in (await dashboard.get(f"/films/{movie_id}")).text
    )


async def test_refresh_leads_to_its_run(dashboard: Dashboard, pool: Pool) -> None:
    """Pressed on the page, or asked for by a program."""
    [film] = await _store(pool, make_record(603))
    answer = await dashboard.post(f"/films/{film}/refresh")
    assert answer.status == 303
    run = int(answer.headers["Location"].removeprefix("/runs/"))
    assert (await dashboard.c.get_run(run)).planned == 1
    assert (await dashboard.post(f"/api/v1/films/{film}/refresh")).status == 200


async def test_posters_only_when_the_operator_allows_the_host(
    open_dashboard: OpenDashboard, pool: Pool
) -> None:
    """Otherwise one is drawn; a path that is none is never part of an address."""
    [film] = await _store(pool, make_whole_record())
    for allowed in (False, True):
        async with open_dashboard(posters=allowed) as running:
            answer = await running.get(f"/films/{film}")
        address = 'src="https://image.tmdb.org/t/p/w342/poster.jpg"'
        assert (address in answer.text) is allowed
        policy = answer.headers["Content-Security-Policy"]
        assert ("https://image.tmdb.org" in policy) is allowed


class _Settings:
    posters = True
    images_url = "https://images.example/"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/a.jpg", "https://images.example/w92/a.jpg"),
        (None, None),
        ("a.jpg", None),
        ("/../a.jpg", None),
        ('/a"b.jpg', None),
        ("//evil.example/a.jpg", None),
    ],
)
def test_poster_addresses(path: str | None, address: str | None) -> None:
    """Only a name in TMDB's folder."""
    assert poster_address(_Settings(), path, "w92") == address  # type: ignore[arg-type] - what it needs of them


@pytest.mark.parametrize(
    ("title", "letters"),
    [("The Matrix", "TM"), ("é", "É"), ("…", "?"), ("", "?"), ("7 Samurai X", "7S")],
)
def test_initials(title: str, letters: str) -> None:
    """Two at most, and something for every title."""
    assert initials(title) == letters
