"""Sources of awards that are down, blocked, empty, cut or something else: told apart, and nothing is taken away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from cinegraph import clock
from cinegraph.jobs.following_awards import FollowAwards, FollowAwardsArgs
from cinegraph.monitoring import alerts
from cinegraph.sandbox import InventedContent, World
from deployments import Deploy, Deployment
from polling import until


def _endless(row: bytes) -> bytes:
    """Return a row whose film has a title of twenty thousand letters."""
    cells = row.split(b"\t")
    return b"\t".join([*cells[:5], b"A" * 20_000, *cells[6:]])


YEAR = 2026
"""The newest ceremony of the sandbox's own table."""
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)


@pytest.fixture
async def deployment(deploy_here: Deploy, world: World) -> AsyncIterator[Deployment]:
    """Return an open deployment that reads the sandbox's own nominations table."""
    async with deploy_here(
        content=InventedContent(world), awards_of_sandbox=True
    ) as opened:
        yield opened


async def imported(deployment: Deployment) -> str:
    """Import the newest ceremony; return how the run ended."""
    started = await deployment.c.import_oscar_year(YEAR)
    return (await deployment.finish(started.run_id)).state


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("blocked", "blocked"),
        ("outage", "unavailable"),
        ("html", "undecodable"),
        ("empty", "undecodable"),
    ],
)
async def test_what_is_wrong_is_told_apart_and_takes_nothing_away(
    deployment: Deployment, fault: str, code: str
) -> None:
    """The run fails, the status says why, an alert opens; mended, all of it is over."""
    assert await imported(deployment) == "completed"
    before = await deployment.c.show_edition("oscars", YEAR)
    deployment.sandbox.change_award_fault(fault)

    assert await imported(deployment) == "failed"

    assert await deployment.c.show_edition("oscars", YEAR) == before
    [source] = (await deployment.c.get_awards_status("oscars")).sources
    assert source.problem_code == code
    assert source.read_at is not None
    async with deployment.c._app.pool.connection() as conn:
        await conn.set_autocommit(True)
        now = clock.now() + timedelta(days=3)
        with clock.frozen(now):
            await alerts.evaluate(conn, now=now)
            open_now = await alerts.list_alerts(conn)
        assert ("awards_source_failing", "oscars oscars_table") in {
            (each.kind, each.subject) for each in open_now
        }

    deployment.sandbox.change_award_fault(None)
    assert await imported(deployment) == "completed"
    [source] = (await deployment.c.get_awards_status("oscars")).sources
    assert source.problem_code is None
    assert await deployment.c.show_edition("oscars", YEAR) == before


async def test_a_cut_file_is_not_believed(deployment: Deployment) -> None:
    """Half a table is no table; where it still looks like one, an edition that shrank is not believed."""
    assert await imported(deployment) == "completed"
    before = await deployment.c.show_edition("oscars", YEAR)
    deployment.sandbox.change_award_fault("cut")

    assert await imported(deployment) == "failed"
    assert await deployment.c.show_edition("oscars", YEAR) == before


async def test_a_list_that_shrank_to_nothing_is_not_believed(
    deployment: Deployment,
) -> None:
    """The edition stays, the run says so, and so does the status."""
    assert await imported(deployment) == "completed"
    before = await deployment.c.show_edition("oscars", YEAR)
    _, name = deployment.sandbox.oscars_url.rsplit("/", 1)
    head, *rows = (await deployment.table()).split(b"\n")
    kept = [row for row in rows if not row.startswith(b"98\t")]
    [first, *_] = [row for row in rows if row.startswith(b"98\t")]
    deployment.sandbox.replace_award_file(name, b"\n".join([head, *kept, first, b""]))

    started = await deployment.c.import_oscar_year(YEAR)
    run = await deployment.finish(started.run_id)

    assert run.state == "failed"
    assert "not believed" in (run.note or "")
    assert await deployment.c.show_edition("oscars", YEAR) == before
    [source] = (await deployment.c.get_awards_status("oscars")).sources
    assert source.problem_code == "shrunk_edition"


async def test_a_cut_table_takes_no_place_whichever_edition_is_asked_for(
    deployment: Deployment,
) -> None:
    """Of that edition it says all; of the others, which its body was read for, it says nothing any more."""
    started = await deployment.c.import_festival("oscars", every=True)
    await deployment.finish(started.run_id)
    body = "SELECT encode(sha256, 'hex') FROM documents WHERE kind = 'awards'"
    before = await deployment.fetch(body)
    name = deployment.sandbox.oscars_url.rsplit("/", 1)[1]
    head, *rows = (await deployment.table()).split(b"\n")
    kept = [row for row in rows if row.startswith(b"98\t")]
    deployment.sandbox.replace_award_file(name, b"\n".join([head, *kept, b"98\tcut"]))

    run = await deployment.finish((await deployment.c.import_oscar_year(YEAR)).run_id)

    assert run.state == "failed"
    assert "nominations in all, it said" in (run.note or "")
    assert await deployment.fetch(body) == before


async def test_a_newer_table_that_says_the_same_of_an_edition_differs_in_nothing(
    deployment: Deployment,
) -> None:
    """Only the edition of which it says something new was read; the rows of the others are what it says, too."""
    started = await deployment.c.import_festival("oscars", every=True)
    await deployment.finish(started.run_id)
    name = deployment.sandbox.oscars_url.rsplit("/", 1)[1]
    head, *rows = (await deployment.table()).split(b"\n")
    [first, *_] = [n for n, row in enumerate(rows) if row.startswith(b"98\t")]
    del rows[first]
    deployment.sandbox.replace_award_file(name, b"\n".join([head, *rows]))
    assert await imported(deployment) == "completed"

    report = await deployment.c.check_parity()

    assert report.is_equal, report.differences


async def test_the_newest_edition_is_the_newest_that_the_source_has(
    deployment: Deployment,
) -> None:
    """The calendar guesses at the coming year, of which nothing is known: the guess leaves nothing behind."""
    with clock.frozen(datetime(YEAR, 12, 20, tzinfo=UTC)):
        started = await deployment.c.import_festival("oscars")
        run = await deployment.finish(started.run_id)

    assert started.year == YEAR + 1
    assert run.state == "completed", run
    [edition] = await deployment.c.list_run_editions(started.run_id)
    assert (edition.year, edition.state) == (YEAR, "done")
    assert await deployment.fetch("SELECT year FROM festival_ceremonies") == [YEAR]


async def test_a_new_edition_is_found_without_being_asked_for(
    deployment: Deployment,
) -> None:
    """Followed once something was imported; then its season's daily look brings what is new, and only that."""
    started = await deployment.c.import_oscar_year(2024)
    await deployment.finish(started.run_id)

    await deployment.catch_up(MONDAY, FollowAwards.new(FollowAwardsArgs()))

    for year in (2025, 2026):
        shown = await deployment.c.show_edition("oscars", year)
        assert shown
        assert all(film.tmdb_id for each in shown for film in each.films)
    [order] = await deployment.fetch(
        "SELECT array_agg(ceremony.year ORDER BY job.id) FROM oban_jobs AS job"
        " JOIN festival_ceremonies AS ceremony ON ceremony.id = (job.args ->> 'ceremony_id')::bigint"
        " WHERE job.worker LIKE '%DiscoverCeremony' AND ceremony.year > 2024"
    )
    assert order == [2026, 2025], "the newest first"
    said = "SELECT count(*) FROM oban_jobs WHERE worker LIKE '%DiscoverCeremony'"
    before = await deployment.fetch(said)
    await deployment.catch_up(
        MONDAY + timedelta(days=7), FollowAwards.new(FollowAwardsArgs())
    )
    assert await deployment.fetch(said) == before


async def test_the_chain_survives_faults_and_a_killed_run(
    deployment: Deployment,
) -> None:
    """A tenth of TMDB's answers is spoilt and every job is thrown away once: it ends as it does without."""
    deployment.sandbox.change_faults(
        {"5xx": 0.04, "cut": 0.02, "html": 0.02, "empty": 0.02}
    )
    started = await deployment.c.import_oscar_year(YEAR)
    for _ in range(2):
        async with deployment.work():
            await asyncio.sleep(0)
            await until(_some_done(deployment))
        # As after a node died: what it had in its hands is nobody's.
        await deployment.fetch(
            "DELETE FROM oban_jobs WHERE state IN ('available', 'executing', 'retryable', 'scheduled')"
        )

    run = await deployment.finish(started.run_id)

    assert run.state == "completed", run
    shown = await deployment.c.show_edition("oscars", YEAR)
    assert all(film.tmdb_id for each in shown for film in each.films)
    known = [nominee.tmdb_id for each in shown for nominee in each.nominees]
    assert None not in known


def _some_done(deployment: Deployment):  # noqa: ANN202 - a predicate for `until`
    async def is_reached() -> bool:
        [done] = await deployment.fetch(
            "SELECT count(*) FROM oban_jobs WHERE state = 'completed'"
        )
        return done >= 4

    return is_reached


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_endless, "letters"),
        (lambda row: row + b"\0", "cannot be stored"),
        (lambda row: row + b"\t" * 20, "columns"),
        (lambda row: row[:12], "is the file cut?"),
    ],
    ids=["endless", "NUL", "tabs", "cut"],
)
async def test_a_row_that_cannot_be_kept_takes_nothing_along(
    deployment: Deployment, spoil: Callable[[bytes], bytes], told: str
) -> None:
    """Its neighbours are stored, what it said before stays, and the run says which it is."""
    assert await imported(deployment) == "completed"
    before = await deployment.c.show_edition("oscars", YEAR)
    head, *rows = (await deployment.table()).split(b"\n")
    [at, *_] = [n for n, row in enumerate(rows) if row.startswith(b"98\t")]
    rows[at] = spoil(rows[at])
    name = deployment.sandbox.oscars_url.rsplit("/", 1)[1]
    deployment.sandbox.replace_award_file(name, b"\n".join([head, *rows]))

    started = await deployment.c.import_oscar_year(YEAR)
    run = await deployment.finish(started.run_id)

    assert run.state == "completed"
    assert told in (run.note or "")
    after = await deployment.c.show_edition("oscars", YEAR)
    assert {each.id for each in after} == {each.id for each in before}
