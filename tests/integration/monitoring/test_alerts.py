"""Troubles that nobody has to look for: each rule finds its own and nothing else, once, as long as it lasts."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, NamedTuple

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.pq import TransactionStatus

from cinegraph import clock, telemetry
from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.monitoring import alerts
from cinegraph.monitoring.alerts import RULES, Alert, Rule, Severity

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
"""Cinegraph's time; what is of Oban and of budgets is on real time."""

type Conn = psycopg.AsyncConnection[Any]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection that is in no transaction."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        if not connection.closed:
            await connection.set_autocommit(False)


class Case(NamedTuple):
    """How a trouble is made and mended."""

    async def make(self, conn: Conn) -> None:
        """Make it."""
        for statement in (*self.given, self.trouble):
            await conn.execute(statement)

    given: tuple[LiteralString, ...]
    trouble: LiteralString
    mend: LiteralString
    subject: str
    message: str


_DUE_FILMS: LiteralString = (
    "INSERT INTO movies (id, tmdb_id, title, created_at, updated_at) OVERRIDING SYSTEM VALUE"
    " SELECT n, n, 'Film', '2026-09-01', '2026-09-01' FROM generate_series(1, 20) AS n"
)
_DUE: LiteralString = (
    "INSERT INTO enrichment_due (enrichment, movie_id, reason, is_spread, due_at, marked_at)"
    " SELECT 'cri_score', id, 'ratings', false, '2026-09-01 11:59Z', '2026-09-01 11:59Z' FROM movies"
)
_BUDGET: LiteralString = """
    INSERT INTO request_budgets (source, rate_per_second, burst, configured_at, next_slot_at, touched_at)
    VALUES ('tmdb', 39, 4, now(), now(), now());
"""
_FILM: LiteralString = """
    INSERT INTO movies (id, tmdb_id, title, created_at, updated_at) OVERRIDING SYSTEM VALUE
    VALUES (7, 603, 'The Matrix', '2026-09-01', '2026-09-01')
"""
_QUOTA: LiteralString = """
    INSERT INTO daily_quotas (source, key_fingerprint, daily_limit, configured_at, day_started_at, day_ends_at, used)
    VALUES
        ('omdb', 'old', 1000, '2026-01-01', '2026-01-01', '2026-01-02', 7),
        ('omdb', 'new', 100000, '2026-08-01', '2026-09-01', '2026-09-02', 1000);
"""
_EXPORT: LiteralString = """
    INSERT INTO export_snapshots (source, kind, listed_on, state, reason, fetched_at, merged_at)
    VALUES
        ('tmdb', 'movie', '2026-08-30', 'merged', NULL, '2026-08-30 08:20Z', '2026-08-30 08:21Z'),
        ('tmdb', 'adult_movie', '2026-01-30', 'merged', NULL, '2026-01-30 08:20Z', '2026-01-30 08:21Z'),
        ('tmdb', 'movie', '2026-08-31', 'merged', NULL, '2026-08-31 08:20Z', '2026-08-31 08:21Z');
"""
_FEED: LiteralString = """
    INSERT INTO change_windows (source, kind, day, state, read_at, created_at)
    VALUES ('tmdb', 'movie', '2026-09-01', 'open', '2026-09-01 11:45Z', '2026-09-01');
"""
_NODE: LiteralString = """
    INSERT INTO oban_leaders (name, node, elected_at, expires_at)
    VALUES ('oban', 'one', timezone('UTC', now()), timezone('UTC', now()) + interval '4 s');
    INSERT INTO heartbeat_epoch (since) VALUES (now() - interval '1 day');
    INSERT INTO oban_producers (uuid, node, queue, started_at, updated_at)
    SELECT
        '00000000-0000-0000-0000-000000000001', 'one', 'imports',
        timezone('UTC', now()) - interval '1 hour', timezone('UTC', now());
"""
_WAITING: LiteralString = """
    INSERT INTO oban_jobs (state, queue, worker, priority, scheduled_at)
    SELECT 'available', 'imports', 'W', n % 3, timezone('UTC', now()) - n * interval '1 minute'
    FROM generate_series(1, 40) AS n;
"""
_RUN: LiteralString = """
    INSERT INTO sync_runs (kind, arguments, requested_by, state, source, started_at)
    VALUES ('import_popular', '{}', 'command', 'running', 'tmdb', '2026-09-01 11:00Z');
    INSERT INTO sync_run_items (run_id, kind, external_id, state, error_code, ended_at)
    SELECT run.id, 'movie', n, 'done', NULL, timestamptz '2026-09-01 11:50Z'
    FROM sync_runs AS run, generate_series(1, 300) AS n;
"""

CASES: dict[str, Case] = {
    "key_refused": Case(
        (_BUDGET,),
        "UPDATE request_budgets SET halted_at = '2026-09-01 10:00Z', halted_key = 'a', halt_reason = 'Invalid key'",
        "UPDATE request_budgets SET halted_at = NULL, halted_key = NULL",
        "tmdb",
        "stands still since 2026-09-01 10:00 UTC: Invalid key",
    ),
    "circuit_open": Case(
        (_BUDGET,),
        "UPDATE request_budgets SET circuit_opened_at = now() - interval '6 min', circuit_reason = 'HTTP 503'",
        "UPDATE request_budgets SET circuit_opened_at = now() - interval '4 min'",
        "tmdb",
        "HTTP 503",
    ),
    "source_throttled": Case(
        (_BUDGET,),
        "UPDATE request_budgets SET throttled_since = now() - interval '11 min', throttled_at = now(),"
        " pause_reason = '429, Retry-After 60.0 s'",
        "UPDATE request_budgets SET throttled_at = now() - interval '3 min'",
        "tmdb",
        "Retry-After 60.0 s",
    ),
    "quota_used_up": Case(
        (_QUOTA,),
        "UPDATE daily_quotas SET refusals = 3, exhausted_at = '2026-09-01 09:30Z', refused_at = '2026-09-01 11:30Z'",
        "UPDATE daily_quotas SET day_ends_at = '2026-09-01 11:59Z'",
        "omdb",
        "the day is used up since 2026-09-01 09:30 UTC after 997 requests; "
        "it goes on at 2026-09-02 00:00 UTC, it is believed",
    ),
    "quota_below_configured": Case(
        (_QUOTA,),
        "UPDATE daily_quotas SET learned_limit = 1000",
        "UPDATE daily_quotas SET daily_limit = 1000",
        "omdb",
        "lets 1,000 requests a day through, 100,000 are configured",
    ),
    "awards_source_failing": Case(
        (),
        "INSERT INTO festival_sources (organization_id, source, checked_at, problem_code, problem)"
        " SELECT id, 'oscars_table', '2026-09-01 10:00Z', 'blocked', 'a firewall answers' FROM festival_organizations"
        " WHERE key = 'oscars'",
        "UPDATE festival_sources SET problem_code = NULL, problem = NULL",
        "oscars oscars_table",
        "blocked: a firewall answers",
    ),
    "award_stage_idle": Case(
        (),
        "INSERT INTO festival_idle_stages (stage, noted_at) VALUES ('person by credits', '2026-09-01 10:00Z')",
        "DELETE FROM festival_idle_stages",
        "person by credits",
        "never found a person by credits",
    ),
    "list_failing": Case(
        (),
        "INSERT INTO lists (key, name, authority, weight, source, location, is_ranked, refresh_days, state, problem,"
        " created_at, updated_at) VALUES ('canon', 'Canon', 'Somebody', 1, 'tmdb', '7', false, 7, 'shrunken',"
        " '900 of 1,000 members would leave', '2026-08-01', '2026-08-01')",
        "UPDATE lists SET state = 'unreachable', problem = 'down', read_at = '2026-08-30'",
        "canon",
        "shrunken: 900 of 1,000 members would leave",
    ),
    "enrichment_behind": Case(
        (_DUE_FILMS, _DUE),
        "UPDATE enrichment_due SET due_at = '2026-09-01 09:30Z'",
        "UPDATE enrichment_due SET due_at = '2026-09-01 10:30Z'",
        "cri_score",
        "films are due since 2026-09-01 09:30 UTC",
    ),
    "enrichment_failing": Case(
        (_DUE_FILMS, _DUE),
        "UPDATE enrichment_due SET failures = 2, error_code = 'odd'",
        "DELETE FROM enrichment_due WHERE movie_id = 1",
        "cri_score",
        "20 films cannot be computed, most of them: odd",
    ),
    "export_refused": Case(
        (_EXPORT,),
        "INSERT INTO export_snapshots (source, kind, listed_on, state, reason, fetched_at)"
        " VALUES ('tmdb', 'movie', '2026-09-01', 'refused', '20 bytes', '2026-09-01 08:20Z')",
        "INSERT INTO export_snapshots (source, kind, listed_on, state, fetched_at, merged_at)"
        " VALUES ('tmdb', 'movie', '2026-09-01', 'merged', '2026-09-01 09:20Z', '2026-09-01 09:21Z')",
        "tmdb movie",
        "the list of 2026-09-01 was refused: 20 bytes",
    ),
    "export_stale": Case(
        (_EXPORT,),
        "UPDATE export_snapshots SET merged_at = merged_at - interval '1 day'",
        "UPDATE export_snapshots SET merged_at = merged_at + interval '1 day'",
        "tmdb movie",
        "none was merged since 2026-08-30 08:21 UTC, the list of 2026-08-31",
    ),
    "changes_stale": Case(
        (_FEED,),
        "UPDATE change_windows SET read_at = '2026-09-01 10:59Z'",
        "UPDATE change_windows SET read_at = '2026-09-01 11:01Z'",
        "tmdb movie",
        "last read 2026-09-01 10:59 UTC; the oldest day that is not done is 2026-09-01",
    ),
    "schedule_late": Case(
        (),
        "INSERT INTO schedules (name, next_at, updated_at) VALUES ('MergeExport', '2026-09-01 11:29Z', '2026-09-01'),"
        " ('NoMore', '2026-01-01', '2026-01-01')",
        "UPDATE schedules SET next_at = '2026-09-01 11:31Z'",
        "MergeExport",
        "due since 2026-09-01 11:29 UTC, last started for no slot yet",
    ),
    "silence": Case(
        (_NODE,),
        _WAITING,
        "UPDATE oban_jobs SET state = 'executing', attempted_at = timezone('UTC', now())"
        " WHERE id = (SELECT max(id) FROM oban_jobs)",
        "imports",
        "nothing started or ended for 15 minutes; its oldest job has waited since",
    ),
    "nothing_finished": Case(
        (
            _NODE,
            "UPDATE oban_producers SET started_at = started_at - interval '1 hour'",
            (
                "INSERT INTO oban_jobs (state, queue, worker, completed_at) VALUES"
                " ('completed', 'omdb', 'W', timezone('UTC', now()) - interval '59 minutes')"
            ),
            (
                "INSERT INTO oban_jobs (state, queue, worker, inserted_at, attempted_at) VALUES"
                " ('retryable', 'imports', 'W', timezone('UTC', now()) - interval '2 hours', timezone('UTC', now()))"
            ),
        ),
        "UPDATE oban_jobs SET completed_at = completed_at - interval '2 minutes' WHERE state = 'completed'",
        "UPDATE oban_jobs SET state = 'completed', completed_at = timezone('UTC', now()) WHERE state = 'retryable'",
        "deployment",
        "no job of any queue ended well for 60 minutes, though jobs are tried",
    ),
    "no_worker": Case(
        (
            _NODE,
            _WAITING,
        ),
        "UPDATE oban_producers SET queue = 'discovery'",
        "UPDATE oban_producers SET queue = 'imports';"
        " UPDATE oban_jobs SET scheduled_at = scheduled_at + interval '35 min'",
        "imports",
        "no node runs it; its oldest job has waited since",
    ),
    "no_leader": Case(
        (_NODE,),
        "UPDATE oban_leaders SET expires_at = expires_at - interval '2 minutes'",
        "UPDATE oban_leaders SET expires_at = expires_at + interval '2 minutes'",
        "deployment",
        "none leads; nodes at work: 1",
    ),
    "listener_dead": Case(
        (_NODE,),
        """UPDATE oban_producers SET meta = '{"listener_silent_seconds": 61.2}'""",
        """UPDATE oban_producers SET meta = '{"listener_silent_seconds": 59}'""",
        "one",
        "its listener has heard nothing for 61 s",
    ),
    "disk_low": Case(
        ("SET cinegraph.disk_free = '2200000000'",),
        "SET cinegraph.disk_free = '2100000000'",
        "SET cinegraph.disk_free = '2200000000'",
        "data folder",
        "2003 MB are free, and the database takes",
    ),
    "quarantine_rate": Case(
        (),
        """INSERT INTO quarantine (source, kind, external_id, sha256, reason, detail, sample, is_confirmed, seen_count,
            first_seen_at, last_seen_at)
        SELECT 'tmdb', 'movie', n, '', 'payload', '', '', true, 1, '2026-09-01 11:30Z', '2026-09-01 11:30Z'
        FROM generate_series(1, 20) AS n;
        INSERT INTO request_usage (minute, source, endpoint, outcome, requests, elapsed_seconds, latency)
        VALUES (now() - interval '2 min', 'tmdb', 'movie', 'ok', 4000, 1, '{}')""",
        "UPDATE quarantine SET last_seen_at = '2026-09-01 10:30Z' WHERE external_id = '1'",
        "tmdb movie",
        "20 bodies went to quarantine in 60 minutes, of 4,000 good answers; for example: payload",
    ),
    "failure_rate": Case(
        (_RUN,),
        "UPDATE sync_run_items SET state = 'failed', error_code = 'unavailable' WHERE external_id <= 20",
        "UPDATE sync_run_items SET state = 'done' WHERE external_id = 1",
        "run 1",
        "20 of the last 300 that ended have failed, most of them: unavailable",
    ),
    "stuck_jobs": Case(
        (_NODE,),
        "INSERT INTO oban_jobs (state, queue, worker, attempted_by, attempted_at) VALUES ('executing', 'imports',"
        " 'W', '{two,00000000-0000-0000-0000-000000000002}', timezone('UTC', now()) - interval '2 minutes')",
        "UPDATE oban_jobs SET attempted_by = '{one,00000000-0000-0000-0000-000000000001}'",
        "two",
        "1 of its jobs run on",
    ),
    "queue_paused": Case(
        (_WAITING,),
        "INSERT INTO queue_settings (queue, paused, updated_at) VALUES ('imports', true, '2026-08-31 11:00Z'),"
        " ('omdb', true, '2026-08-31 11:00Z')",
        "UPDATE queue_settings SET paused = false; DELETE FROM oban_jobs",
        "imports",
        "paused since 2026-08-31 11:00 UTC, and work waits in it",
    ),
    "mass_gone_held": Case(
        (_FILM,),
        "INSERT INTO held_burials (movie_id, held_at) VALUES (7, '2026-09-01 03:50Z')",
        "UPDATE held_burials SET allowed_at = '2026-09-01 09:00Z'",
        "tmdb movie",
        "1 films would count as gone at once, since 2026-09-01 03:50 UTC; for example The Matrix",
    ),
    "freshness_low": Case(
        (
            """INSERT INTO sync_ledger (source, kind, external_id, state, reason, due_at, checked_at, created_at)
            SELECT 'tmdb', 'movie', n, 'fresh', 'routine', '2026-12-01', '2026-08-31', '2026-01-01'
            FROM generate_series(1, 100) AS n""",
        ),
        "UPDATE sync_ledger SET checked_at = '2026-08-01' WHERE external_id <= 6",
        "UPDATE sync_ledger SET checked_at = '2026-09-01' WHERE external_id = 1",
        "tmdb",
        "94 of 100 films were fetched or proven unchanged",
    ),
    "latency_high": Case(
        (
            """INSERT INTO update_latencies SELECT 'tmdb', 'movie', n, '2026-09-01', 600
            FROM generate_series(1, 18) AS n""",
        ),
        "INSERT INTO update_latencies SELECT 'tmdb', 'movie', n, '2026-09-01', 4200 FROM generate_series(1, 2) AS n",
        "DELETE FROM update_latencies WHERE seconds > 600 AND external_id = 1",
        "tmdb",
        "of 20 updates of popular films in 7 days one in twenty took 70 minutes or longer; 0 are waiting",
    ),
    "success_low": Case(
        (
            """INSERT INTO sync_ledger (source, kind, external_id, state, reason, due_at, checked_at, created_at)
            SELECT 'tmdb', 'movie', n, 'fresh', 'x', '2026-09-20', '2026-09-01 09:00Z', '2026-09-01'
            FROM generate_series(1, 600) AS n""",
        ),
        "UPDATE sync_ledger SET state = 'failed' WHERE external_id BETWEEN 301 AND 307",
        "UPDATE sync_ledger SET state = 'fresh' WHERE external_id = 301",
        "tmdb",
        "7 of 600 films asked for in 7 days failed",
    ),
    "audit_failed": Case(
        (
            "INSERT INTO self_audits (name, offenders, checked_at) VALUES ('never_due', 0, '2026-09-01')",
        ),
        "INSERT INTO self_audits (name, offenders, example, checked_at)"
        " VALUES ('unrefreshed', 3, 'TMDB 603', '2026-09-01 04:30Z')",
        "UPDATE self_audits SET offenders = 0",
        "unrefreshed",
        "3 rows break it, for example TMDB 603",
    ),
}


async def look(conn: Conn) -> alerts.Changes:
    """Look at all rules, with as much room on the disk as the session was told."""
    async with conn.transaction():
        cursor = await conn.execute(
            "SELECT current_setting('cinegraph.disk_free', true)"
        )
        [(free,)] = await cursor.fetchall()
    return await alerts.evaluate(conn, now=NOW, disk_free=int(free) if free else None)


def names(found: tuple[Alert, ...]) -> list[tuple[str, str]]:
    """Return kind and subject."""
    return sorted((alert.kind, alert.subject) for alert in found)


class TestRules:
    """What each finds."""

    def test_every_rule_has_a_case(self) -> None:
        """A new rule comes with its trouble."""
        assert [rule.name for rule in RULES] == list(CASES)

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
    async def test_it_opens_with_its_trouble_and_closes_without(
        self, conn: Conn, rule: Rule
    ) -> None:
        """And no other rule finds anything in it."""
        case = CASES[rule.name]
        await case.make(conn)
        opened, closed = (await look(conn)).opened, (await look(conn)).closed
        assert names(opened) == [(rule.name, case.subject)]
        assert closed == ()
        [alert] = opened
        assert case.message in alert.message
        assert (alert.severity, alert.hint) == (rule.severity, rule.hint)
        assert (alert.opened_at, alert.closed_at) == (NOW, None)

        await conn.execute(case.mend)
        changes = await look(conn)
        assert names(changes.closed) == [(rule.name, case.subject)]
        assert changes.opened == ()
        assert await alerts.list_alerts(conn) == []

    async def test_nothing_is_wrong_with_nothing(self, conn: Conn) -> None:
        """A new database has no alert."""
        assert await look(conn) == alerts.Changes((), ())

    async def test_work_that_moves_is_no_silence(self, conn: Conn) -> None:
        """Whatever started, ended, was put off or retried within the quarter of an hour."""
        for statement in (_NODE, _WAITING):
            await conn.execute(statement)
        for state, column in (
            ("completed", "completed_at"),
            ("discarded", "discarded_at"),
            ("scheduled", "attempted_at"),
            ("retryable", "attempted_at"),
        ):
            async with conn.transaction(force_rollback=True):
                for minutes, kinds in ((16, ["silence"]), (14, [])):
                    await conn.execute(
                        f"UPDATE oban_jobs SET state = '{state}',"  # noqa: S608 - our own
                        f" {column} = timezone('UTC', now()) - %(ago)s"
                        " WHERE id = (SELECT max(id) FROM oban_jobs)",
                        {"ago": timedelta(minutes=minutes)},
                    )
                    await look(conn)
                    found = [alert.kind for alert in await alerts.list_alerts(conn)]
                    # Of another rule: the deployment, in which nothing ever ended well.
                    found = [kind for kind in found if kind != "nothing_finished"]
                    assert found == kinds, state

    async def test_a_short_wait_and_a_pause_are_no_silence(self, conn: Conn) -> None:
        """A queue that waits for less, or that a person paused, is quiet for a reason."""
        for statement in (_NODE, _WAITING):
            await conn.execute(statement)
        await conn.execute(
            "INSERT INTO queue_settings (queue, paused, updated_at) VALUES ('imports', true, '2026-09-01')"
        )
        assert (await look(conn)).opened == ()
        await conn.execute("UPDATE queue_settings SET paused = false")
        await conn.execute(
            "UPDATE oban_jobs SET scheduled_at = scheduled_at + interval '30 min'"
        )
        assert (await look(conn)).opened == ()

    async def test_a_schedule_has_a_real_minute_when_days_are_played(
        self, conn: Conn
    ) -> None:
        """At a day in ten seconds half an hour is over before anybody could have looked."""
        await CASES["schedule_late"].make(conn)
        real = clock.real_now()
        clock.set_clock(clock.ClockSetting(real, NOW - real, speed=8640))
        try:
            assert (await look(conn)).opened == ()
        finally:
            clock.reset()
        assert names((await look(conn)).opened) == [("schedule_late", "MergeExport")]

    async def test_every_queue_is_looked_at(self, conn: Conn) -> None:
        """Each has its own alert, also behind one with many jobs."""
        await conn.execute(_WAITING)
        await conn.execute(
            "INSERT INTO oban_jobs (state, queue, worker, scheduled_at) SELECT 'available', 'omdb', 'W', scheduled_at"
            " FROM oban_jobs"
        )
        assert names((await look(conn)).opened) == [
            ("no_worker", "imports"),
            ("no_worker", "omdb"),
        ]

    async def test_a_few_spoilt_bodies_of_a_few_are_a_rate(self, conn: Conn) -> None:
        """Five of 400 are more than one in a hundred; of 600 they are not, and four never are."""
        await CASES["quarantine_rate"].make(conn)
        for bodies, answers, is_open in ((5, 400, 1), (5, 600, 0), (4, 1, 0)):
            await conn.execute(
                "UPDATE quarantine SET resolved_at = CASE WHEN external_id::int > %s THEN last_seen_at END",
                [bodies],
            )
            await conn.execute("UPDATE request_usage SET requests = %s", [answers])
            await look(conn)
            assert len(await alerts.list_alerts(conn)) == is_open

    async def test_few_failures_of_many_are_no_rate(self, conn: Conn) -> None:
        """Twenty of 400 are one in twenty, and that is still borne."""
        await CASES["failure_rate"].make(conn)
        await conn.execute(
            "INSERT INTO sync_run_items (run_id, kind, external_id, state, ended_at)"
            " SELECT 1, 'movie', n, 'done', '2026-09-01 11:50Z' FROM generate_series(1001, 1100) AS n"
        )
        assert (await look(conn)).opened == ()

    async def test_heartbeats_just_emptied_prove_nothing(self, conn: Conn) -> None:
        """After a crash of the server every job looks stuck for a moment."""
        await CASES["stuck_jobs"].make(conn)
        await conn.execute("UPDATE heartbeat_epoch SET since = now()")
        assert (await look(conn)).opened == ()


class TestLife:
    """How alerts live."""

    async def test_one_trouble_is_one_alert(self, conn: Conn) -> None:
        """It is stamped as long as it goes on, with what is said last; a new one comes after it was over."""
        case = CASES["circuit_open"]
        await case.make(conn)
        [first] = (await look(conn)).opened
        await conn.execute("UPDATE request_budgets SET circuit_reason = 'no answer'")
        later = NOW + timedelta(seconds=15)
        assert await alerts.evaluate(conn, now=later) == alerts.Changes((), ())
        [alert] = await alerts.list_alerts(conn)
        assert alert == replace(
            first, message=alert.message, last_seen_at=later, seen_count=2
        )
        assert "no answer" in alert.message

        await conn.execute(case.mend)
        await look(conn)
        await conn.execute(case.trouble)
        [second] = (await look(conn)).opened
        assert second.id != first.id
        both = await alerts.list_alerts(conn, open_only=False)
        assert [(one.id, one.closed_at) for one in both] == [
            (second.id, None),
            (first.id, NOW),
        ]

    async def test_one_bad_rule_stops_no_other(
        self, conn: Conn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It keeps its alerts as they are, and is an alert itself until it works again."""
        await CASES["key_refused"].make(conn)
        await look(conn)
        bad = replace(RULES[0], parameters={"now": "no time"}, sql="list_alerts.sql")
        monkeypatch.setattr(alerts, "RULES", (bad, *RULES[1:]))
        await conn.execute(CASES["key_refused"].mend)
        await CASES["schedule_late"].make(conn)

        changes = await look(conn)
        assert names(changes.opened) == [
            ("alert_rule", "key_refused"),
            ("schedule_late", "MergeExport"),
        ]
        assert changes.closed == ()
        monkeypatch.undo()
        changes = await look(conn)
        assert names(changes.closed) == [
            ("alert_rule", "key_refused"),
            ("key_refused", "tmdb"),
        ]

    async def test_a_query_that_fails_is_a_bad_rule(
        self, conn: Conn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An error of the database spoils neither the other rules nor what is stored."""
        await CASES["schedule_late"].make(conn)
        late = next(rule for rule in RULES if rule.name == "schedule_late")
        bad = replace(late, name="bad", parameters={"longest": "?", "names": []})
        monkeypatch.setattr(alerts, "RULES", (bad, *RULES))

        assert names((await look(conn)).opened) == [
            ("alert_rule", "bad"),
            ("schedule_late", "MergeExport"),
        ]

    async def test_a_rule_that_is_no_more_closes_its_alerts(
        self, conn: Conn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing stays open for ever because nobody looks."""
        await CASES["key_refused"].make(conn)
        await look(conn)
        monkeypatch.setattr(alerts, "RULES", RULES[1:])
        assert names((await look(conn)).closed) == [("key_refused", "tmdb")]

    async def test_a_lost_connection_is_no_bad_rule(self, conn: Conn) -> None:
        """It is the caller's matter."""
        await conn.close()
        with pytest.raises(psycopg.OperationalError):
            await look(conn)

    async def test_changes_are_told(self, conn: Conn) -> None:
        """Once each: opened, closed."""
        with heard() as told:
            await CASES["key_refused"].make(conn)
            await look(conn)
            await look(conn)
            await conn.execute(CASES["key_refused"].mend)
            await look(conn)
        assert told == [("opened", "key_refused"), ("closed", "key_refused")]

    async def test_two_nodes_at_once_open_one(self, pool: Pool, conn: Conn) -> None:
        """The open alert of a kind and subject is one row, whoever finds it."""
        await CASES["key_refused"].make(conn)
        async with pool.connection() as other:
            await other.set_autocommit(True)
            opened = [*(await look(conn)).opened, *(await look(other)).opened]
            await other.set_autocommit(False)
        assert len(opened) == 1

    async def test_the_gravest_is_listed_first(self, conn: Conn) -> None:
        """Then the latest; as many as asked for."""
        for name in ("queue_paused", "schedule_late", "key_refused"):
            await CASES[name].make(conn)
        await conn.execute("DELETE FROM oban_jobs WHERE id > 1")
        await look(conn)
        found = await alerts.list_alerts(conn)
        assert [alert.severity for alert in found] == ["critical", "warning", "notice"]
        assert await alerts.list_alerts(conn, limit=1) == found[:1]

    async def test_each_look_is_committed(self, pool: Pool) -> None:
        """Also on a connection that opens transactions by itself: what is told is true then."""
        async with pool.connection() as plain:
            await look(plain)
            assert plain.info.transaction_status is TransactionStatus.IDLE

    async def test_when_was_looked_is_known(self, conn: Conn) -> None:
        """In real time, whatever time is played."""
        assert await alerts.find_last_check(conn) is None
        await look(conn)
        checked_at = await alerts.find_last_check(conn)
        assert checked_at is not None
        assert abs(datetime.now(UTC) - checked_at) < timedelta(minutes=1)


@contextmanager
def heard() -> Iterator[list[tuple[str, str]]]:
    """Give what is told of alerts within the block."""
    told: list[tuple[str, str]] = []

    def listen(event: str, facts: dict[str, object]) -> None:
        """Note it."""
        alert = facts["alert"]
        assert isinstance(alert, Alert)
        told.append((event.rpartition(".")[2], alert.kind))

    detach = [
        telemetry.attach(f"cinegraph.monitoring.alert.{word}", listen)
        for word in ("opened", "closed")
    ]
    yield told
    for each in detach:
        each()


_LARGE = ("oban_jobs", "sync_run_items", "sync_ledger", "quarantine", "request_usage")


class TestCost:
    """Looking every 15 seconds must not be felt."""

    @pytest.fixture
    async def big(self, conn: Conn) -> Conn:
        """Return a database as a large import has it."""
        for statement in (
            _NODE,
            _BUDGET,
            _QUOTA,
            _EXPORT,
            _RUN,
            """INSERT INTO oban_jobs (state, queue, worker, priority, scheduled_at, attempted_at, completed_at,
                discarded_at)
            SELECT s.state::oban_job_state, q.queue, 'W', n % 10, timezone('UTC', now()) - n * interval '1 second',
                timezone('UTC', now()) - interval '1 hour' - n * interval '1 second',
                CASE s.state WHEN 'completed' THEN timezone('UTC', now()) - n * interval '0.1 second' END,
                CASE s.state WHEN 'discarded' THEN timezone('UTC', now()) - n * interval '1 minute' END
            FROM (VALUES ('available', 5000), ('scheduled', 5000), ('completed', 60000), ('discarded', 5000),
                ('executing', 10)) AS s (state, many)
            CROSS JOIN LATERAL generate_series(1, s.many) AS n
            CROSS JOIN (VALUES ('imports'), ('omdb')) AS q (queue)
            WHERE s.state <> 'completed' OR q.queue = 'imports'""",
            """INSERT INTO sync_run_items (run_id, kind, external_id, state, ended_at)
            SELECT 1, 'movie', n, CASE WHEN n % 7 = 0 THEN 'failed' ELSE 'done' END,
                timestamptz '2026-09-01 12:00Z' - n * interval '0.03 s'
            FROM generate_series(1000, 120000) AS n""",
            """INSERT INTO quarantine (source, kind, external_id, sha256, reason, detail, sample, is_confirmed,
                seen_count, first_seen_at, last_seen_at)
            SELECT 'tmdb', 'movie', n, '', 'payload', '', '', true, 1, '2026-09-01', '2026-09-01 11:59Z'::timestamptz
                - n * interval '1 minute' FROM generate_series(1, 20000) AS n""",
            """INSERT INTO request_usage (minute, source, endpoint, outcome, requests, elapsed_seconds, latency)
            SELECT date_trunc('minute', now()) - n * interval '1 minute', 'tmdb', e, 'ok', 9, 1, '{}'
            FROM generate_series(1, 5000) AS n, (VALUES ('movie'), ('list')) AS v (e)""",
            """INSERT INTO sync_ledger (source, kind, external_id, state, reason, created_at)
            SELECT 'tmdb', 'movie', n, 'fresh', '', '2026-01-01' FROM generate_series(1, 30000) AS n""",
            "VACUUM ANALYZE",
        ):
            await conn.execute(statement)
        return conn

    async def test_it_is_quick_and_scans_no_large_table(self, big: Conn) -> None:
        """All rules together take less than 50 ms; jobs, items, ledger and quarantine are read by an index."""
        for rule in RULES:
            cursor = await big.execute(
                "EXPLAIN " + load("cinegraph.monitoring", rule.sql),
                {
                    "now": NOW,
                    "real_now": datetime.now(UTC),
                    "minute": timedelta(minutes=1),
                    "level": "{}",
                    "disk_free": 1,
                    **rule.parameters,
                },
            )
            plan = "\n".join(line for (line,) in await cursor.fetchall())
            assert not {table for table in _LARGE if f"Seq Scan on {table} " in plan}, (
                rule.name
            )
        await look(big)
        took = []
        for _ in range(5):
            started = time.perf_counter()
            await look(big)
            took.append(time.perf_counter() - started)
        found = names(tuple(await alerts.list_alerts(big)))

        assert min(took) < 0.05
        assert ("failure_rate", "run 1") in found
        assert ("quarantine_rate", "tmdb movie") in found

    def test_severities_are_those_of_the_table(self) -> None:
        """The gravest first."""
        assert [s.value for s in Severity] == ["critical", "warning", "notice"]
