"""The whole catalogue: the daily export, ranges of ids, OMDb after each film, compared with the invented world."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.api import Cinegraph
from cinegraph.jobs import catalogue
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.imports import ImportMovie, ImportMovieArgs
from cinegraph.limits import RateLimit
from cinegraph.sandbox import SandboxSettings, World
from cinegraph.sandbox.export_faults import ExportFault
from cinegraph.sources.providers.tmdb.exports import TmdbExportsSettings
from cinegraph.sync import policy
from deployments import POLL, Deployment
from polling import until

NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """Return a world of a few lists' length."""
    return World(films=260, seed=5)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that is refused is tried again at once, and its server asked as fast as it answers."""
    monkeypatch.setattr(catalogue, "_BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(TmdbExportsSettings, "rate", RateLimit(0))


@pytest.fixture
async def omdb(deployment: Deployment) -> AsyncIterator[Cinegraph]:
    """Return the deployment with OMDb switched on."""
    async with deployment.open_other(
        omdb_base_url=deployment.sandbox.omdb_url, omdb_requests_per_second=0
    ) as c:
        yield c


async def _finish(deployment: Deployment, c: Cinegraph, run_id: int) -> Any:  # noqa: ANN401 - a reading
    async with deployment.work(c):
        return await c.wait_for_run(run_id, every=POLL)


async def _stored(deployment: Deployment) -> set[int]:
    return set(await deployment.fetch("SELECT tmdb_id FROM movies"))


async def test_everything_arrives(deployment: Deployment, world: World) -> None:
    """Every film of the export is stored, none else; lists come first and are part of the run."""
    run = await deployment.finish(await deployment.c.import_entire_catalog())
    assert run.state == "completed"
    assert await _stored(deployment) == set(world.ids())
    assert (run.planned, run.done) == (len(world), len(world))
    assert run.stages["export"] == {"done": 1}
    assert run.stages["popular_page"]["done"] == run.stages["top_rated_page"]["done"]
    assert set((await deployment.ledger()).values()) == {"fresh"}


async def test_what_is_there_is_not_fetched_again(
    deployment: Deployment, world: World
) -> None:
    """A second import asks for no film at all and says why."""
    await deployment.finish(await deployment.c.import_entire_catalog(limit=40))
    before = len(deployment.script.asked)
    run = await deployment.finish(await deployment.c.import_entire_catalog(limit=40))
    assert len(deployment.script.asked) - before == 40
    everything = await deployment.finish(await deployment.c.import_entire_catalog())
    assert everything.state == run.state == "completed"
    again = await deployment.finish(
        await deployment.c.import_entire_catalog(limit=1000)
    )
    assert again.planned == 0
    assert again.note == f"{len(world)} films were there already"


async def test_the_most_popular_come_first(
    deployment: Deployment, world: World
) -> None:
    """A limit takes the films that are worth most by the export."""
    run = await deployment.finish(await deployment.c.import_entire_catalog(limit=30))
    rows = sorted(
        world.export_rows(clock.now().date()),
        key=lambda row: row.popularity * (0.1 if row.is_video else 1),
        reverse=True,
    )
    assert run.done == 30
    assert await _stored(deployment) == {row.tmdb_id for row in rows[:30]}
    known = await deployment.fetch("SELECT count(*) FROM listed_movies")
    assert known == [len(world)]


async def test_a_range_of_ids_is_tried_batch_by_batch(
    deployment: Deployment, world: World
) -> None:
    """Every id is asked for once; those that are no film are absent."""
    async with deployment.open_other(import_batch_size=7) as c:
        run = await _finish(deployment, c, await c.import_entire_catalog(ids=(20, 60)))
    inside = {tmdb_id for tmdb_id in world.ids() if 20 <= tmdb_id <= 60}
    assert await _stored(deployment) == inside
    assert (run.planned, run.done, run.absent) == (41, len(inside), 41 - len(inside))
    assert run.stages["id_range"] == {"done": 6}
    assert sorted(deployment.script.asked) == list(range(20, 61))


@pytest.mark.parametrize("fault", [ExportFault.TRUNCATED, ExportFault.HTML])
async def test_a_refused_export_is_replaced_by_the_day_before(
    deployment: Deployment, fault: ExportFault
) -> None:
    """Where none was ever merged, yesterday's list is better than none; the refusal is on record."""
    with clock.frozen(NOON):
        deployment.sandbox.set_clock(_at(NOON))
        deployment.sandbox.change_export_fault(fault, NOON.date())
        run = await deployment.finish(
            await deployment.c.import_entire_catalog(limit=20)
        )
    assert (run.state, run.done) == ("completed", 20)
    snapshots = await deployment.fetch(
        "SELECT listed_on::text, state FROM export_snapshots ORDER BY id"
    )
    assert snapshots == [("2026-09-10", "refused"), ("2026-09-09", "merged")]


async def test_yesterdays_list_stays_when_todays_is_refused(
    deployment: Deployment,
) -> None:
    """Nothing of a refused file counts; the run goes on with what is known and says so."""
    with clock.frozen(NOON):
        deployment.sandbox.set_clock(_at(NOON))
        await deployment.finish(await deployment.c.import_entire_catalog(limit=10))
    listed = await deployment.fetch("SELECT * FROM listed_movies ORDER BY tmdb_id")
    tomorrow = NOON + timedelta(days=1)
    deployment.sandbox.change_export_fault(ExportFault.HALF)
    with clock.frozen(tomorrow):
        deployment.sandbox.set_clock(_at(tomorrow))
        run = await deployment.finish(
            await deployment.c.import_entire_catalog(limit=20)
        )
    assert (run.state, run.done) == ("completed", 20)
    assert "the list of 2026-09-10 stays: " in (run.note or "")
    assert (
        await deployment.fetch("SELECT * FROM listed_movies ORDER BY tmdb_id") == listed
    )


async def test_without_any_export_the_run_fails_and_says_so(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing for a week and never merged: every round is given, then the run has failed."""
    # One more is as good as three: each takes seven seconds.
    monkeypatch.setattr(policy, "ROUND_DELAYS", (timedelta(seconds=0.3),))
    deployment.sandbox.change_export_fault(ExportFault.MISSING)
    run = await deployment.finish(await deployment.c.import_entire_catalog(limit=5))
    assert run.state == "failed"
    assert run.note == "the daily export could not be merged"


async def test_omdb_follows_each_film(
    deployment: Deployment, omdb: Cinegraph, world: World
) -> None:
    """Films with an IMDb id are asked for once each, as jobs of their own, and the rows are the world's."""
    run = await _finish(deployment, omdb, await omdb.import_entire_catalog(limit=80))
    stored = await _stored(deployment)
    with_id = {
        movie.imdb_id: tmdb_id
        for tmdb_id, movie in world.expected(stored).items()
        if movie.imdb_id
    }
    titles = world.expected_titles(stored)
    assert run.state == "completed"
    assert sum(run.stages["omdb"].values()) == len(with_id)
    assert run.stages["omdb"]["done"] == len(titles)
    assert run.stages["omdb"].get("absent", 0) == len(with_id) - len(titles)
    expected = {
        (with_id[imdb_id], rating.kind, rating.value, rating.votes)
        for imdb_id, title in titles.items()
        for rating in title.ratings
    }
    rows = await deployment.fetch(
        "SELECT tmdb_id, kind, value, votes FROM ratings JOIN movies ON movies.id = movie_id WHERE source = 'omdb'"
    )
    assert set(rows) == expected
    assert deployment.sandbox.report()["omdb"]["requests"] == len(with_id)


async def test_a_film_without_an_imdb_id_is_asked_for_when_one_appears(
    deployment: Deployment, omdb: Cinegraph, world: World
) -> None:
    """Until then OMDb is not asked at all; another id later is asked for anew."""
    [film] = [i for i in world.ids() if world.expected([i])[i].imdb_id is None][:1]
    others = [m.imdb_id for m in world.expected(world.ids()).values() if m.imdb_id]
    deployment.script.tell(
        film,
        deployment.script.body(film),
        deployment.script.body(film, **_with_imdb_id(others[0])),
        deployment.script.body(film, **_with_imdb_id(others[1])),
    )
    asked = []
    for _ in range(3):
        await _finish(deployment, omdb, await omdb.import_movies([film]))
        asked.append(deployment.sandbox.report()["omdb"]["requests"])
    assert asked == [0, 1, 2]
    assert await deployment.fetch(
        "SELECT asked_for FROM sync_ledger WHERE source = 'omdb'"
    ) == [others[1]]


async def test_what_was_stored_before_omdb_was_switched_on_is_asked_for(
    deployment: Deployment,
) -> None:
    """The feeder enters older films by itself, once."""
    await deployment.finish(await deployment.c.import_entire_catalog(limit=30))
    with_id = await deployment.fetch(
        "SELECT count(*) FROM movies WHERE imdb_id IS NOT NULL"
    )
    async with (
        deployment.open_other(
            omdb_base_url=deployment.sandbox.omdb_url, omdb_requests_per_second=0
        ) as c,
        deployment.work(c),
    ):
        await deployment.until(
            "SELECT count(*) FROM sync_ledger WHERE source = 'omdb' AND checked_at IS NOT NULL",
            with_id[0],
        )


async def test_ratings_alone_can_be_asked_for_again(
    deployment: Deployment, omdb: Cinegraph, world: World
) -> None:
    """An import of a film from OMDb asks TMDB for nothing and OMDb once more."""
    [film] = [i for i in world.ids() if world.expected([i])[i].imdb_id][:1]
    await _finish(deployment, omdb, await omdb.import_movies([film]))
    asked = len(deployment.script.asked)
    async with omdb._app.pool.connection() as conn:
        await insert_jobs(
            conn, [ImportMovie.new(ImportMovieArgs(tmdb_id=film, source="omdb"))]
        )
    async with deployment.work(omdb):
        await _until_asked(deployment, 2)
    assert len(deployment.script.asked) == asked


class TestQuota:
    """OMDb's day, on imitated time."""

    @pytest.fixture
    def sandbox_settings(self) -> SandboxSettings:
        """Return an OMDb that answers fifty requests a day."""
        return SandboxSettings(port=0, rate=0, latency="none", omdb_limit=50)

    @asynccontextmanager
    async def _open(self, deployment: Deployment) -> AsyncIterator[Cinegraph]:
        async with deployment.open_other(
            omdb_base_url=deployment.sandbox.omdb_url,
            omdb_requests_per_second=0,
            omdb_daily_limit=50,
        ) as c:
            yield c

    async def test_the_rest_is_left_to_another_day(
        self, deployment: Deployment
    ) -> None:
        """79 % are asked, the run ends and says what follows; the next day goes on by itself, and nothing is lost."""
        async with self._open(deployment) as c:
            await _live_at(deployment, c, NOON)
            run = await _finish(deployment, c, await c.import_entire_catalog())
            states = run.stages["omdb"]
            total = sum(states.values())
            assert run.state == "completed"
            assert _requests(deployment) == 39
            assert states.get("done", 0) + states.get("absent", 0) == 39
            assert states["deferred"] == total - 39
            assert f"OMDb of {total - 39} films follows" in (run.note or "")
            for day in range(1, 3):
                await _live_at(deployment, c, NOON + timedelta(days=day))
                async with deployment.work(c):
                    await _until_asked(deployment, 39 * (day + 1))
            assert _requests(deployment) == 3 * 39
            discarded = await deployment.fetch(
                "SELECT count(*) FROM oban_jobs WHERE state = 'discarded'"
            )
            assert discarded == [0]
            await _live_at(deployment, c, None)

    async def test_people_are_served_from_the_reserve(
        self, deployment: Deployment
    ) -> None:
        """When the background's share is used up, a film that a person names is still asked for."""
        async with self._open(deployment) as c:
            await _live_at(deployment, c, NOON)
            await _finish(deployment, c, await c.import_entire_catalog())
            left = await deployment.fetch(
                "SELECT external_id FROM sync_ledger WHERE source = 'omdb' AND state = 'wanted' ORDER BY 1 LIMIT 3"
            )
            run = await _finish(deployment, c, await c.import_movies(left))
            assert run.stages["omdb"].get("deferred", 0) == 0
            assert sum(run.stages["omdb"].values()) == 3
            assert _requests(deployment) == 42
            await _live_at(deployment, c, None)


async def _until_asked(deployment: Deployment, requests: int) -> None:
    async def is_reached() -> bool:
        return _requests(deployment) >= requests

    await until(is_reached)


def _requests(deployment: Deployment) -> int:
    found: int = deployment.sandbox.report()["omdb"]["requests"]
    return found


def _at(moment: datetime) -> clock.ClockSetting:
    real = clock.real_now()
    return clock.ClockSetting(epoch=real, offset=moment - real)


async def _live_at(
    deployment: Deployment, c: Cinegraph, moment: datetime | None
) -> None:
    """Let deployment and sandbox live at *moment* from now on, or in real time again."""
    if moment is None:
        await c.set_clock(None)
        clock.reset()
        return
    deployment.sandbox.set_clock(_at(moment))
    await c.set_clock(_at(moment))


def _with_imdb_id(imdb_id: str) -> dict[str, Any]:
    return {"imdb_id": imdb_id, "external_ids": {"imdb_id": imdb_id}}


async def test_imdbs_file_rates_every_film_by_one_download(
    deployment: Deployment, world: World
) -> None:
    """Switched on, its ratings stand beside the others; of films that it does not rate there is none."""
    await deployment.finish(await deployment.c.import_entire_catalog())
    async with (
        deployment.open_other(
            imdb_ratings=True, imdb_datasets_url=deployment.sandbox.imdb_url
        ) as c,
        deployment.work(c),
    ):
        assert await c.run_schedule("MergeRatings") is not None
        await deployment.until(
            "SELECT count(*) FROM oban_jobs WHERE worker LIKE '%MergeRatings' AND state = 'completed'",
            1,
        )
    imdb_ids = {film.imdb_id for film in world.expected(world.ids()).values()}
    expected = {row for row in world.imdb_ratings() if row[0] in imdb_ids}
    rows = await deployment.fetch(
        "SELECT imdb_id, value, votes FROM ratings JOIN movies ON movies.id = movie_id WHERE source = 'imdb'"
    )
    assert set(rows) == expected


async def test_new_films_of_an_export_are_fetched_where_the_catalogue_is_followed(
    deployment: Deployment, world: World
) -> None:
    """By the daily schedule: where nobody asked for everything they are known, and nothing more."""
    await deployment.finish(await deployment.c.import_movies([next(world.ids())]))
    async with deployment.work():
        await deployment.c.run_schedule("MergeExport")
        await deployment.until("SELECT count(*) FROM listed_movies", len(world))
    assert await _stored(deployment) == {next(world.ids())}

    await deployment.finish(await deployment.c.import_entire_catalog())
    [film] = await deployment.fetch("SELECT max(tmdb_id) FROM movies")
    for table, column in (
        ("movies", "tmdb_id"),
        ("listed_movies", "tmdb_id"),
        ("sync_ledger", "external_id"),
    ):
        await deployment.fetch(f"DELETE FROM {table} WHERE {column} = {film}")  # noqa: S608 - names of ours
    await deployment.fetch("DELETE FROM export_snapshots")
    async with deployment.work():
        await deployment.c.run_schedule("MergeExport")
        await deployment.until(
            f"SELECT count(*) FROM movies WHERE tmdb_id = {film}",  # noqa: S608 - as above
            1,
        )
        await deployment.until(
            "SELECT count(*) FROM sync_runs WHERE kind = 'import_new' AND state = 'completed'",
            1,
        )
    [run] = await deployment.c.list_runs(1)
    assert (run.requested_by, run.planned, run.done) == ("schedule", 1, 1)


async def test_adult_films_come_only_where_they_are_wanted(
    deployment: Deployment, world: World
) -> None:
    """They stand in a list of their own, which is not even asked for otherwise."""
    await deployment.finish(await deployment.c.import_entire_catalog())
    assert await deployment.fetch("SELECT kind FROM export_snapshots") == ["movie"]
    run = await deployment.finish(
        await deployment.c.import_entire_catalog(include_adult=True)
    )
    adult = set(world.adult_ids())
    assert run.done == len(adult) > 0
    assert await _stored(deployment) == {*world.ids(), *adult}
    assert (
        set(await deployment.fetch("SELECT tmdb_id FROM movies WHERE is_adult"))
        == adult
    )
