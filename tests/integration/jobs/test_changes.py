"""Following the changes feed over real sockets: what it names is fetched, what it cannot say is asked again."""

# ruff: noqa: S608 - the texts in the queries are times of this file

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.jobs import routine
from cinegraph.jobs.changes import FollowChanges, FollowChangesArgs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.routine import DailySync, DailySyncArgs
from cinegraph.monitoring.levels import Verdict
from cinegraph.sandbox import Body
from cinegraph.sandbox.content import pack, pack_json
from cinegraph.sync import changes, windows
from cinegraph.sync.changes import Window
from deployments import Deployment
from ledger_rows import FILM

MORNING = datetime(2026, 9, 10, 9, tzinfo=UTC)
NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)
AFTER = datetime(2026, 9, 11, 1, 5, tzinfo=UTC)
DAY = NOON.date()
COLLECTION = 999_999
"""An id that is no film's; the feed has such ids among those of films."""


class Feed:
    """What the imitation's feed answers, page by page, whatever day is asked for; None is a 404."""

    def __init__(self, deployment: Deployment) -> None:
        self._page = deployment.script.page
        deployment.script.page = self.page  # type: ignore[method-assign]
        self.pages: list[list[tuple[int, bool | None]] | bytes | None] = [[]]
        self.asked: list[int] = []

    def page(self, name: str, page: int) -> Body | None:
        """Give a page of the feed, or of the list *name*."""
        if name != "changes":
            return self._page(name, page)
        self.asked.append(page)
        told = self.pages[page - 1]
        if told is None or isinstance(told, bytes):
            return None if told is None else pack(told)
        return pack_json(
            {
                "results": [{"id": id_, "adult": adult} for id_, adult in told],
                "page": page,
                "total_pages": len(self.pages),
                "total_results": 100 * len(self.pages),
            }
        )


@pytest.fixture
def feed(deployment: Deployment) -> Feed:
    """Return the feed of the imitation."""
    return Feed(deployment)


async def _import(deployment: Deployment) -> None:
    with clock.frozen(MORNING):
        run = await deployment.finish(await deployment.c.import_entire_catalog())
        assert run.state == "completed"
    deployment.script.asked.clear()


async def _follow(deployment: Deployment, now: datetime) -> None:
    """Read what is open and wait until no job is left."""
    await deployment.catch_up(now, FollowChanges.new(FollowChangesArgs()))


async def _window(deployment: Deployment, day: date = DAY) -> Window:
    async with deployment.c._app.pool.connection() as conn:
        window = await changes.find_window(conn, day, **FILM)
    assert window is not None
    return window


async def _ids(deployment: Deployment, order: str) -> list[Any]:
    return await deployment.fetch(
        f"SELECT tmdb_id FROM movies ORDER BY popularity {order}"
    )


async def test_what_people_watch_is_fetched_at_once(
    deployment: Deployment, feed: Feed
) -> None:
    """Other films after the day; and everything that the day named, once it is over."""
    await _import(deployment)
    [watched, *_], [other, *_] = (
        await _ids(deployment, "DESC"),
        await _ids(deployment, "ASC"),
    )
    await deployment.fetch(
        "UPDATE movies SET release_date = '1980-01-01', popularity = CASE WHEN tmdb_id = %s THEN 99 ELSE 1 END",
        [watched],
    )
    # Nothing but the feed lets a film come due.
    await deployment.fetch("UPDATE sync_ledger SET due_at = '2027-01-01'")
    feed.pages = [[(watched, False)], [(other, None), (watched, False)]]
    await _follow(deployment, NOON)
    assert deployment.script.asked == [watched]
    window = await _window(deployment)
    assert (window.state, window.pages, window.ids, window.known_ids) == (
        "open",
        2,
        2,
        2,
    )
    await _follow(deployment, AFTER + timedelta(hours=14))
    assert sorted(deployment.script.asked) == sorted([watched, watched, other])
    assert (await _window(deployment)).state == "done"


async def test_a_popular_film_is_updated_within_the_hour(
    deployment: Deployment, feed: Feed
) -> None:
    """Named by the next reading of the feed it is stored as it is now; the service level says how long that took."""
    await _import(deployment)
    popular = (await _ids(deployment, "DESC"))[0]
    await deployment.fetch(
        "UPDATE movies SET popularity = 900 WHERE tmdb_id = %s", [popular]
    )
    await _follow(deployment, NOON)
    body = deployment.script.body(popular, title="Retitled", popularity=900.0)
    deployment.script.tell_for_ever(popular, body)
    feed.pages = [[(popular, False)]]
    reading = NOON + timedelta(minutes=15)
    await _follow(deployment, reading)
    assert await deployment.fetch(
        "SELECT title FROM movies WHERE tmdb_id = %s", [popular]
    ) == ["Retitled"]
    with clock.frozen(reading):
        found = await deployment.c.get_service_levels()
    assert (found.updates_measured, found.update_p95_seconds) == (1, 15 * 60)
    [latency] = [one for one in found.levels if one.name == "update_latency"]
    assert latency.verdict is Verdict.MET


async def test_new_films_arrive_and_other_ids_are_no_films(
    deployment: Deployment, feed: Feed
) -> None:
    """A film nobody named before is fetched at once; a collection's id is found absent, an adult film left alone."""
    await _import(deployment)
    newest, adult, known = (await _ids(deployment, "ASC"))[:3]
    for gone in (newest, adult):
        await deployment.fetch("DELETE FROM movies WHERE tmdb_id = %s", [gone])
        await deployment.fetch(
            "DELETE FROM documents WHERE external_id = %s", [str(gone)]
        )
        await deployment.fetch("DELETE FROM sync_ledger WHERE external_id = %s", [gone])
    feed.pages = [[(newest, None), (COLLECTION, False), (adult, True), (known, None)]]
    await _follow(deployment, NOON)
    states = await deployment.ledger()
    assert (states[newest], states[COLLECTION]) == ("fresh", "absent")
    assert adult not in states
    assert (await _window(deployment)).new_ids == 2


@pytest.mark.parametrize(
    ("pages", "error"),
    [
        pytest.param([[(1, None)], None], "unavailable", id="missing page"),
        pytest.param([b"<html>busy</html>"], "undecodable", id="html"),
        pytest.param([b'{"page": 1}'], "payload", id="not a feed"),
        pytest.param([[]], "implausible", id="empty"),
        pytest.param([[(1, None)], [], [(2, None)]], "implausible", id="hole"),
    ],
)
async def test_what_cannot_be_believed_is_not_nothing(
    deployment: Deployment, feed: Feed, pages: list[Any], error: str
) -> None:
    """The day stays open with the reason, whatever is wrong, and is done by the first good answer."""
    await _import(deployment)
    feed.pages = pages
    await _follow(deployment, AFTER)
    window = await _window(deployment)
    assert (window.state, window.error_code) == ("open", error)
    assert window.failures >= 1
    feed.pages = [[(5, None)]]
    await _follow(deployment, AFTER + timedelta(minutes=15))
    window = await _window(deployment)
    assert (window.state, window.failures, window.ids) == ("done", 0, 1)


async def test_a_day_that_stays_empty_is_lost(
    deployment: Deployment, feed: Feed
) -> None:
    """After days of asking its films are looked at by age, and the proof begins anew after it."""
    await _import(deployment)
    await _follow(deployment, AFTER)
    assert (await _window(deployment)).state == "open"
    await _follow(deployment, AFTER + timedelta(days=4))
    assert (await _window(deployment)).state == "open", "one answer after days off"
    await deployment.fetch(
        "UPDATE change_windows SET failures = %s", [windows.DOUBTS - 1]
    )
    await _follow(deployment, AFTER + timedelta(days=4, hours=1))
    assert (await _window(deployment)).state == "lost"
    [since] = await deployment.fetch("SELECT unbroken_from FROM change_feed")
    assert since > DAY
    assert feed.asked


async def test_after_weeks_off_it_goes_back_as_far_as_the_feed_answers(
    deployment: Deployment, feed: Feed
) -> None:
    """Every day since is read; those that the feed names nothing of any more are lost, with all before them."""
    await _import(deployment)
    feed.pages = [[(5, None)]]
    back = AFTER + timedelta(days=20)
    await _follow(deployment, AFTER)
    await _follow(deployment, back)
    states = await deployment.fetch(
        "SELECT day, state FROM change_windows ORDER BY day"
    )
    assert [day for day, _ in states] == [DAY + timedelta(days=n) for n in range(22)]
    assert {state for day, state in states if day < back.date()} == {"done"}
    feed.pages = [[]]
    await _follow(deployment, back + timedelta(days=30))
    assert (await deployment.fetch("SELECT unbroken_from FROM change_feed"))[
        0
    ] > back.date()


async def test_a_second_reading_of_the_same_says_nothing_new(
    deployment: Deployment, feed: Feed
) -> None:
    """No film is fetched twice for one mention."""
    await _import(deployment)
    [first] = (await _ids(deployment, "DESC"))[:1]
    await deployment.fetch("UPDATE movies SET popularity = 99")
    # Nothing but the feed lets a film come due.
    await deployment.fetch("UPDATE sync_ledger SET due_at = '2027-01-01'")
    feed.pages = [[(first, None)]]
    await _follow(deployment, NOON)
    await _follow(deployment, NOON + timedelta(minutes=15))
    assert deployment.script.asked == [first]
    feed.pages = [[(first, None), (first, None)]]
    await _follow(deployment, NOON + timedelta(minutes=30))
    assert deployment.script.asked == [first, first]


async def _begin_after_days_off(deployment: Deployment, feed: Feed) -> datetime:
    """Import films and read the feed, which names none of them; return a time eight days later."""
    await _import(deployment)
    # Nothing but age lets a film come due.
    await deployment.fetch("UPDATE sync_ledger SET due_at = '2030-01-01'")
    feed.pages = [[(COLLECTION, False)]]
    await _follow(deployment, NOON)
    deployment.script.asked.clear()
    return NOON + timedelta(days=8)


_SNOOZED = (
    "SELECT count(*) FROM oban_jobs WHERE worker LIKE '%DailySync' AND meta ? 'snoozed'"
)


async def test_after_days_off_the_feed_is_read_before_films_come_due_by_age(
    deployment: Deployment, feed: Feed
) -> None:
    """What it then proves unchanged is not asked for."""
    now = await _begin_after_days_off(deployment, feed)
    with clock.frozen(now):
        async with deployment.c._app.pool.connection() as conn:
            await insert_jobs(conn, [DailySync.new(DailySyncArgs())])
        async with deployment.work():
            await deployment.until(_SNOOZED, 1)
    await _follow(deployment, now)
    await deployment.catch_up(now + timedelta(days=1))
    assert set(deployment.script.asked) <= {COLLECTION}


async def test_a_feed_that_cannot_be_read_is_not_waited_for_for_ever(
    deployment: Deployment, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything comes due by age then, within a day."""
    monkeypatch.setattr(routine, "FEED_PATIENCE", 1)
    now = await _begin_after_days_off(deployment, feed)
    await deployment.catch_up(now, DailySync.new(DailySyncArgs()))
    await deployment.catch_up(now + timedelta(days=1))
    assert set(await _ids(deployment, "ASC")) <= set(deployment.script.asked)
