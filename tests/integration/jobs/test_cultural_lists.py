"""Cultural lists as jobs: read at TMDB and at addresses, films fetched, and what only looks like a list kept out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from cinegraph import clock
from cinegraph.catalog.storing import store_films
from cinegraph.enrichment.due import passes
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.enrichment.lists import storing
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.definitions import Definition
from cinegraph.enrichment.lists.linking import link_stored
from cinegraph.enrichment.lists.reading import ListFile
from cinegraph.errors import (
    AbsentAtSourceError,
    CinegraphError,
    SourceHaltedError,
    SourceThrottledError,
    UsageError,
)
from cinegraph.festivals.likeness import fold
from cinegraph.festivals.linking import link_films
from cinegraph.jobs import cultural_lists
from cinegraph.jobs.cultural_lists import SCHEDULED
from cinegraph.jobs.enrichment_feeding import enrich
from cinegraph.jobs.reading_lists import Reading
from cinegraph.jobs.sequencing import sequence
from cinegraph.records.movie import MovieRecord
from cinegraph.sandbox import InventedContent, SandboxSettings, World
from deployments import POLL, Deployment, Script, deploy
from factories import make_film, make_record
from file_server import FileServer, serving
from hurry import shorten_delays
from nominations import ceremony_rows, nominated_films, write_table

FILMS = 6


@pytest.fixture
async def deployment(
    database_url: str,
    world: World,
    sandbox_settings: SandboxSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Deployment]:
    """Return an open deployment against the invented world, with a nominations table of its own."""
    shorten_delays(monkeypatch.setattr)
    table = tmp_path / "oscars.csv"
    write_table(table, ceremony_rows(world, nominated_films(world, FILMS)))
    async with deploy(
        world,
        Script(world),
        sandbox_settings,
        content=InventedContent(world),
        database_url=database_url,
        home=tmp_path,
        oscars_url=str(table),
    ) as opened:
        yield opened


async def members(deployment: Deployment, key: str) -> list[tuple[object, object]]:
    """Return place and TMDB's id of the stored film of each member."""
    return [
        (each.position, each.tmdb_id if each.movie_id else None)
        for each in await deployment.c.show_list(key)
    ]


async def state(deployment: Deployment, key: str) -> tuple[str, str | None]:
    """Return how a list stands, and why."""
    found = await deployment.c.get_list(key)
    return found.state.value, found.problem


def best_rated(world: World) -> list[int]:
    """Return the films of the sandbox's list 1, in order."""
    return [one for page in (1, 2, 3) for one in world.list_ids("top_rated", page)]


async def test_a_list_of_tmdbs_ends_with_its_films_stored(
    deployment: Deployment,
) -> None:
    """Three pages, every film once, in order; a second reading asks for no film."""
    started = await deployment.c.import_cultural_list(
        "best", tmdb_list=1, is_ranked=True
    )
    assert started.run_id is not None
    run = await deployment.finish(started.run_id)

    ids = best_rated(deployment.world)
    assert run.state == "completed", run
    assert {kind: sum(each.values()) for kind, each in run.stages.items()} == {
        "list": 1,
        "movie": len(ids),
    }
    assert await members(deployment, "best") == list(enumerate(ids, 1))
    assert await state(deployment, "best") == ("current", None)
    documents = "SELECT external_id FROM documents WHERE kind = 'list' ORDER BY 1"
    assert await deployment.fetch(documents) == ["1", "1/2", "1/3"]

    before = deployment.sandbox.report()["requests"]
    again = await deployment.c.import_cultural_list("best")
    assert again.run_id is not None
    await deployment.finish(again.run_id)

    assert await members(deployment, "best") == list(enumerate(ids, 1))
    assert deployment.sandbox.report()["requests"] - before <= 4


async def test_a_new_list_has_all_films_scored_whatever_dies_meanwhile(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who tries again finds a list that has members already."""
    file = tmp_path / "list.csv"
    file.write_text("tmdb_id\n1\n2\n")

    async def die(_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(cultural_lists, "await_arrivals", die)
        with pytest.raises(ConnectionResetError):
            await deployment.c.import_cultural_list("mine", file=file, fetches=False)
    await deployment.c.import_cultural_list("mine", file=file, fetches=False)

    wanted = (await deployment.c.get_pass("cri_score")).wanted_for
    assert wanted == "the list mine is new"


async def test_a_list_that_counts_otherwise_has_all_films_scored(
    deployment: Deployment, tmp_path: Path
) -> None:
    """What lists do not name is held against their weight; a name alone moves no score."""
    file = tmp_path / "list.csv"
    file.write_text("tmdb_id\n1\n2\n")

    async def wanted(**told: Any) -> str | None:
        async with deployment.c._app.pool.connection() as conn:
            await passes.begin(conn, Enrichment.CRI_SCORE, now=clock.now())
            await passes.finish(conn, Enrichment.CRI_SCORE, films=0, now=clock.now())
        await deployment.c.import_cultural_list("mine", fetches=False, **told)
        return (await deployment.c.get_pass("cri_score")).wanted_for

    await wanted(file=file)

    assert await wanted(name="Mine") is None
    assert await wanted(weight=0.9) == "the list mine counts otherwise"


async def test_series_are_no_members(deployment: Deployment) -> None:
    """TMDB's list holds them too; their numbers are films of other names."""
    started = await deployment.c.import_cultural_list("mixed", tmdb_list=2)
    assert started.run_id is not None
    await deployment.finish(started.run_id)

    ids = deployment.world.list_ids("popular", 1)[:18]
    films = [one for place, one in enumerate(ids) if place % 6 != 5]
    found = {tmdb_id for _, tmdb_id in await members(deployment, "mixed")}
    assert found == set(films)


@pytest.mark.parametrize(
    ("fault", "expected", "reason"),
    [
        ("private", "private", "is private"),
        ("absent", "private", "has no list 1, or shows it to nobody"),
        ("empty", "empty", "names no film"),
        ("shrunken", "shrunken", "30 of 60 members would leave"),
        ("incomplete", "unreachable", "the list is not whole"),
    ],
)
async def test_what_is_not_believed_takes_nobody_away(
    deployment: Deployment, fault: str, expected: str, reason: str
) -> None:
    """The run fails and says why; the list's state does; its members stay, and are read again when it is right."""
    started = await deployment.c.import_cultural_list("best", tmdb_list=1)
    assert started.run_id is not None
    await deployment.finish(started.run_id)
    before = await members(deployment, "best")

    deployment.sandbox.change_list_fault(fault)
    again = await deployment.c.import_cultural_list("best")
    assert again.run_id is not None
    run = await deployment.finish(again.run_id)

    assert run.state == "failed", run
    assert reason in (run.note or "")
    assert await members(deployment, "best") == before
    found, problem = await state(deployment, "best")
    assert (found, reason in (problem or "")) == (expected, True)

    deployment.sandbox.change_list_fault(None)
    right = await deployment.c.import_cultural_list("best")
    assert right.run_id is not None
    assert (await deployment.finish(right.run_id)).state == "completed"
    assert await state(deployment, "best") == ("current", None)


@pytest.mark.parametrize(
    "error",
    [
        SourceThrottledError(source="tmdb", endpoint="list", retry_in_seconds=60),
        SourceHaltedError(
            "paused", source="tmdb", endpoint="list", retry_in_seconds=60
        ),
    ],
)
async def test_a_list_that_has_to_wait_is_not_unreachable(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, error: CinegraphError
) -> None:
    """A budget that is used up, or a source that a person paused, says nothing of the list."""

    async def wait(*_: object, **__: object) -> Reading:
        raise error

    monkeypatch.setattr(cultural_lists, "read_source", wait)
    await deployment.c.import_cultural_list("best", tmdb_list=1)

    put_off = "SELECT count(*) FROM oban_jobs WHERE state = 'scheduled' AND attempt = 0"
    async with deployment.work():
        await deployment.until(put_off, 1)

    assert await state(deployment, "best") == ("never_read", None)


async def test_a_person_may_accept_a_shrunken_list(deployment: Deployment) -> None:
    """Then whoever is not on it leaves."""
    started = await deployment.c.import_cultural_list("best", tmdb_list=1)
    assert started.run_id is not None
    await deployment.finish(started.run_id)
    deployment.sandbox.change_list_fault("shrunken")

    again = await deployment.c.import_cultural_list("best", accepts_shrunk=True)
    assert again.run_id is not None
    assert (await deployment.finish(again.run_id)).state == "completed"

    assert len(await members(deployment, "best")) == 30
    documents = "SELECT external_id FROM documents WHERE kind = 'list' ORDER BY 1"
    assert await deployment.fetch(documents) == ["1", "1/2"]
    left = [
        each
        for each in await deployment.c.show_list("best", with_history=True)
        if each.left_at
    ]
    assert len(left) == 30


def titled_once(world: World) -> MovieRecord:
    """Return a film whose title no other film has."""
    ids = [one for page in range(1, 6) for one in world.list_ids("popular", page)]
    movies = [movie for one in ids if (movie := world.movie(one)) is not None]
    titles = Counter(fold(movie.title) for movie in movies)
    return next(
        movie
        for movie in movies
        if titles[fold(movie.title)] == 1 and movie.released_on is not None
    )


async def test_films_are_found_by_imdb_id_and_title(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Also of an export of Letterboxd; what TMDB does not know stays a member, missing with the reason."""
    films = nominated_films(deployment.world, 2)
    file = tmp_path / "list.csv"
    file.write_text(
        f"imdb_id\n{films[0].imdb_id}\n{films[1].imdb_id}\ntt9999999\n",
        encoding="utf-8",
    )
    titled = titled_once(deployment.world)
    assert titled.released_on is not None
    export = tmp_path / "letterboxd.csv"
    export.write_text(
        "Letterboxd list export v7\nDate,Name,Tags,URL,Description\n2026-01-01,Ours,,https://boxd.it/1,\n\n"
        "Position,Name,Year,URL,Description\n"
        f"1,{csv_cell(titled.title)},{titled.released_on.year},https://boxd.it/2,\n"
        "2,Nothing Called So At All,1990,https://boxd.it/3,\n",
        encoding="utf-8",
    )

    for key, given, films_named in (("mine", file, 3), ("theirs", export, 2)):
        done = await deployment.c.import_cultural_list(key, file=given)
        assert done.stored is not None
        assert (done.stored.films, done.stored.linked) == (films_named, 0)
        assert done.run_id is not None
        run = await deployment.finish(done.run_id)
        assert run.state == "completed", run

    assert {one for _, one in await members(deployment, "mine")} == {
        films[0].tmdb_id,
        films[1].tmdb_id,
        None,
    }
    assert await members(deployment, "theirs") == [(1, titled.tmdb_id), (2, None)]
    reasons = [
        each.reason
        for key in ("mine", "theirs")
        for each in await deployment.c.list_missing_films(key)
    ]
    assert reasons == [
        "TMDB knows no film with the IMDb id tt9999999",
        "no film of that title and time is known",
    ]


def csv_cell(text: str) -> str:
    """Write a cell with anything in it."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    """Return a server of files."""
    async with serving(FileServer(missing_status=404)) as opened:
        yield opened


async def test_a_file_at_an_address_is_read(
    deployment: Deployment, server: FileServer
) -> None:
    """By a worker; one that is no list any more, or gone, takes nobody away."""
    film = nominated_films(deployment.world, 1)[0]
    server.files["/l.csv"] = f"tmdb_id\n{film.tmdb_id}\n".encode()
    url = f"{server.url}/l.csv"

    async def read() -> str:
        started = await deployment.c.import_cultural_list("far", url=url)
        assert started.run_id is not None
        return (await deployment.finish(started.run_id)).state

    assert await read() == "completed"
    assert await members(deployment, "far") == [(None, film.tmdb_id)]
    assert (await deployment.c.get_list("far")).refresh_days == 7

    server.files["/l.csv"] = b"<html>Please log in</html>"
    assert await read() == "failed"
    assert (await state(deployment, "far"))[0] == "unreadable"
    del server.files["/l.csv"]
    assert await read() == "failed"
    assert (await state(deployment, "far"))[0] == "unreachable"
    assert await members(deployment, "far") == [(None, film.tmdb_id)]


async def test_a_place_that_was_never_read_takes_no_other_ones_place(
    deployment: Deployment, server: FileServer, tmp_path: Path
) -> None:
    """Neither a dead address nor one that names other films; the list stays current, where it was."""
    first, *others = nominated_films(deployment.world, 4)
    file = tmp_path / "list.csv"
    file.write_text(
        "\n".join(("tmdb_id", *(str(n) for n in range(1, 11)), str(first.tmdb_id)))
    )
    await deployment.c.import_cultural_list("mine", file=file, fetches=False)
    before = await deployment.c.get_list("mine")
    server.files["/other.csv"] = f"tmdb_id\n{others[0].tmdb_id}\n".encode()

    with pytest.raises(AbsentAtSourceError):
        await deployment.c.import_cultural_list("mine", url=f"{server.url}/dead.csv")
    with pytest.raises(UsageError, match="would leave at once"):
        await deployment.c.import_cultural_list(
            "mine", url=f"{server.url}/other.csv", name="Other", weight=1
        )

    assert await deployment.c.get_list("mine") == before

    moved = await deployment.c.import_cultural_list(
        "mine", url=f"{server.url}/other.csv", accepts_shrunk=True
    )
    assert moved.stored is not None
    assert moved.run_id is not None
    assert (await deployment.c.get_list("mine")).location.endswith("/other.csv")


async def test_a_token_in_an_address_is_shown_nowhere(
    deployment: Deployment, server: FileServer
) -> None:
    """It is asked with; in output, errors, jobs, runs and bodies' names it does not stand."""
    url = f"{server.url}/l.csv?key=s3cr3t-0815"

    started = await deployment.c.import_cultural_list("far", url=url)
    assert started.run_id is not None
    run = await deployment.finish(started.run_id)

    assert run.state == "failed"
    assert server.requests[-1].query["key"] == "s3cr3t-0815"
    assert (await deployment.c.get_list("far")).location == url
    [shown] = [
        each for each in await deployment.c.list_lists() if each.state != "not_imported"
    ]
    assert (shown.location or "").endswith("/l.csv?key=***")
    assert "/l.csv?key=***" in (shown.problem or "")
    for table in ("oban_jobs", "sync_runs", "documents", "change_entries"):
        rows = await deployment.fetch(
            SQL("SELECT t::text FROM {} AS t").format(Identifier(table))
        )
        assert "s3cr3t" not in str(rows)


async def test_an_event_is_a_list(deployment: Deployment) -> None:
    """Its winners are the members, without a request."""
    run = await deployment.c.import_oscar_year(2024)
    await deployment.finish(run.run_id)
    before = deployment.sandbox.report()["requests"]

    done = await deployment.c.import_cultural_list("winners", event="oscars")

    winners = await deployment.fetch(
        "SELECT DISTINCT movies.tmdb_id FROM festival_nominations AS n"
        " JOIN nomination_films AS f ON f.nomination_id = n.id"
        " JOIN movies ON movies.id = f.movie_id WHERE n.is_winner ORDER BY 1"
    )
    found = sorted(tmdb_id for _, tmdb_id in await members(deployment, "winners"))
    assert done.run_id is None
    assert found == winners
    assert winners
    assert deployment.sandbox.report()["requests"] == before


async def test_due_lists_are_refreshed_by_themselves(deployment: Deployment) -> None:
    """A week later, not a day; new films come without anybody asking."""
    started = await deployment.c.import_cultural_list("best", tmdb_list=1)
    assert started.run_id is not None
    await deployment.finish(started.run_id)
    read = "SELECT read_at FROM lists"
    [first] = await deployment.fetch(read)
    now = clock.now()

    await deployment.catch_up(now + timedelta(days=1), SCHEDULED["RefreshLists"]())
    assert await deployment.fetch(read) == [first]
    await deployment.catch_up(now + timedelta(days=7), SCHEDULED["RefreshLists"]())

    [again] = await deployment.fetch(read)
    assert again - first == timedelta(days=7) or again > first


async def test_a_lost_reading_gets_a_job_again(deployment: Deployment) -> None:
    """The run's item says what is to be read."""
    started = await deployment.c.import_cultural_list("best", tmdb_list=1)
    assert started.run_id is not None
    await deployment.fetch("DELETE FROM oban_jobs RETURNING 1")

    run = await deployment.finish(started.run_id)

    assert run.state == "completed", run
    assert len(await members(deployment, "best")) == 60


async def test_members_are_made_again_from_bodies(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Of a list of TMDB's, whose pages belong together, and of a file; where nothing is wrong, nothing is written."""
    started = await deployment.c.import_cultural_list(
        "best", tmdb_list=1, is_ranked=True
    )
    assert started.run_id is not None
    await deployment.finish(started.run_id)
    file = tmp_path / "list.csv"
    ids = best_rated(deployment.world)[:7]
    file.write_text("tmdb_id\n" + "\n".join(map(str, ids)), encoding="utf-8")
    await deployment.c.import_cultural_list("mine", file=file)
    rows = "SELECT t::text FROM list_entries AS t ORDER BY 1"
    before = await deployment.fetch(rows)

    assert (await deployment.c.check_parity(processes=1)).is_equal
    names = [(each, await members(deployment, each)) for each in ("best", "mine")]
    await deployment.fetch("DELETE FROM list_entries RETURNING 1")
    assert not (await deployment.c.check_parity(processes=1)).is_equal
    await deployment.c.rebuild(processes=1)

    assert [(each, await members(deployment, each)) for each, _ in names] == names
    assert len(await deployment.fetch(rows)) == len(before)


async def test_a_forgotten_list_leaves_no_body(deployment: Deployment) -> None:
    """Unless another list is told of by it."""
    for key in ("best", "same"):
        started = await deployment.c.import_cultural_list(key, tmdb_list=1)
        assert started.run_id is not None
        await deployment.finish(started.run_id)
    bodies = "SELECT count(*) FROM documents WHERE kind = 'list'"

    await deployment.c.forget_list("best")
    assert await deployment.fetch(bodies) == [3]
    await deployment.c.forget_list("same")

    assert await deployment.fetch(bodies) == [0]
    assert await deployment.fetch("SELECT count(*) FROM movies") == [60]


async def test_a_film_stored_beside_its_list_is_linked(deployment: Deployment) -> None:
    """In the order in which neither sees the other: the film is not committed when the list looks for it."""
    pool, services = deployment.c._app.pool, deployment.c._app.services
    film = make_film(make_record(7, imdb_id="tt0000007"))
    async with pool.connection() as conn, conn.transaction():
        definition = Definition(
            key="own", name="Own", authority="we", weight=0.5, weight_reason=""
        )
        found = await storing.ensure_list(conn, definition, "/f", now=clock.now())
    reading = Reading(ListFile((Entry(imdb_id="tt0000007"),)))
    async with pool.connection() as conn:
        async with conn.transaction():
            await store_films(conn, [film], now=clock.now())
            await link_films(conn, [7], now=clock.now())
            await link_stored(conn, [7], now=clock.now())
            storing_list = asyncio.create_task(
                cultural_lists.store_list(services, found, reading)
            )
            await deployment.until("SELECT count(*) FROM list_entries", 1)
            assert await members(deployment, "own") == [(None, None)]
        stored = await storing_list

    assert stored.linked == 1
    assert await members(deployment, "own") == [(None, 7)]


async def test_a_run_of_a_list_ends_with_its_members_linked(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Who stores a film links it in that transaction; nobody computes anything here, as when that queue is long."""
    films = [film.tmdb_id for film in nominated_films(deployment.world, 2)]
    file = tmp_path / "list.csv"
    file.write_text("\n".join(("tmdb_id", *map(str, films))), encoding="utf-8")
    done = await deployment.c.import_cultural_list("mine", file=file)
    assert done.run_id is not None

    async with deployment.work(queues={"imports": 2}):
        run = await deployment.c.wait_for_run(done.run_id, every=POLL)

    assert run.state == "completed"
    assert {film for _, film in await members(deployment, "mine")} == set(films)


async def test_a_film_that_is_another_one_now_is_linked_though_nobody_stores_it(
    deployment: Deployment, tmp_path: Path
) -> None:
    """What is computed of films follows the change log: of a merge, or of a film that is gone, no writer knows."""
    former, heir = [film.tmdb_id for film in nominated_films(deployment.world, 2)]
    await deployment.finish(await deployment.c.import_movies([former, heir]))
    file = tmp_path / "list.csv"
    file.write_text(f"tmdb_id\n{former}\n", encoding="utf-8")
    await deployment.c.import_cultural_list("mine", file=file)
    assert await members(deployment, "mine") == [(None, former)]
    pool = deployment.c._app.pool
    await enrich(pool)
    async with pool.connection() as conn:
        await conn.execute("DELETE FROM oban_jobs")
        for kind in Enrichment:
            await passes.begin(conn, kind, now=clock.now())
            await passes.finish(conn, kind, films=2, now=clock.now())

    await deployment.fetch(
        "INSERT INTO movie_redirects (from_movie_id, to_movie_id, evidence, detail, confidence, found_at)"
        " SELECT former.id, heir.id, 'person', '', 1, %s FROM movies AS former, movies AS heir"
        " WHERE former.tmdb_id = %s AND heir.tmdb_id = %s RETURNING 1",
        [clock.now(), former, heir],
    )
    await sequence(pool)
    await enrich(pool)

    linked = "SELECT movies.tmdb_id FROM list_entries INNER JOIN movies ON movies.id = movie_id"
    async with deployment.work(queues={"enrichment": 2}):
        await deployment.until(linked, heir)


async def test_a_film_that_is_stored_under_another_id_is_linked(
    deployment: Deployment, tmp_path: Path
) -> None:
    """TMDB finds it for an id that its own page does not tell: it is linked by the answer."""
    film = nominated_films(deployment.world, 1)[0]
    run = await deployment.c.import_movies([film.tmdb_id])
    await deployment.finish(run)
    await deployment.fetch("UPDATE movies SET imdb_id = NULL RETURNING 1")
    file = tmp_path / "list.csv"
    file.write_text(f"imdb_id\n{film.imdb_id}\n", encoding="utf-8")

    done = await deployment.c.import_cultural_list("mine", file=file)
    assert done.run_id is not None
    assert (await deployment.finish(done.run_id)).state == "completed"

    assert await members(deployment, "mine") == [(None, film.tmdb_id)]
