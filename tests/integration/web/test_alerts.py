"""Alerts on their page: open, over, silenced, told; and what pressing does."""

from typing import LiteralString

import psycopg

from cinegraph import scrubbing
from cinegraph.jobs.notifying import Notifier
from cinegraph.monitoring.rules import RULES
from receiver import receiving

from .conftest import Dashboard, OpenDashboard

_ALERTS: LiteralString = """
    INSERT INTO alerts (kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at) VALUES
        ('queue_paused', 'imports', 'notice', 'paused', 'resume it', now() - interval '9 min', now(), NULL),
        ('circuit_open', 'omdb', 'warning', 'HTTP 503 <script>alert(1)</script>', 'wait', now() - interval '9 min',
         now(), NULL),
        ('circuit_open', 'tmdb', 'warning', 'HTTP 502', 'wait', now() - interval '8 min', now(), NULL),
        ('key_refused', 'tmdb', 'critical', 'Invalid key', 'mend it', now() - interval '7 min', now(), NULL);
    INSERT INTO alerts (kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at)
    SELECT CASE WHEN n % 2 = 0 THEN 'schedule_late' ELSE 'export_stale' END, 'subject-' || n, 'warning', 'late', NULL,
        now() - interval '2 days', now(), now() - interval '1 day' FROM generate_series(1, 120) AS n;
"""


async def _run(dashboard: Dashboard, statement: LiteralString) -> None:
    url = dashboard.c.database_url
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(statement)


async def test_open_alerts_the_gravest_first(dashboard: Dashboard) -> None:
    """With what to do, escaped; and in the banner of other pages."""
    await _run(dashboard, _ALERTS)
    page = (await dashboard.get("/alerts")).text
    places = [
        page.index(text)
        for text in ("Invalid key", "HTTP 502", "HTTP 503", "resume it")
    ]
    assert places == sorted(places)
    assert "mend it" in page
    assert "<script>alert" not in page
    assert "Nobody looks" in page
    await _run(dashboard, "INSERT INTO alert_checks (checked_at) VALUES (now())")
    overview = (await dashboard.get("/")).text
    assert "Invalid key" in overview
    assert "HTTP 502" in overview
    assert "resume it" not in overview


async def test_a_silenced_alert_is_listed_and_told_nowhere(
    dashboard: Dashboard,
) -> None:
    """Of one subject, or of all of the kind; until it is ended."""
    await _run(dashboard, _ALERTS)
    done = await dashboard.post(
        "/alerts/silence",
        data={
            "kind": "circuit_open",
            "subject": "tmdb",
            "hours": "8",
            "_from": "/alerts",
        },
    )
    assert done.status == 303
    by_subject = {
        one.subject: one
        for one in await dashboard.c.list_alerts()
        if one.kind == "circuit_open"
    }
    assert by_subject["tmdb"].silenced_until is not None
    assert by_subject["omdb"].silenced_until is None
    page = (await dashboard.get("/alerts")).text
    assert "circuit open (tmdb) is silent until" in page
    assert ">silenced<" in page
    overview = (await dashboard.get("/")).text
    assert "HTTP 502" not in overview
    assert "HTTP 503" in overview

    answer = await dashboard.post(
        "/api/v1/alerts/silence", json={"kind": "circuit_open", "hours": 0.5}
    )
    assert answer.status == 200
    assert all(
        one.silenced_until
        for one in await dashboard.c.list_alerts()
        if one.kind == "circuit_open"
    )
    for silence in await dashboard.c.list_silences():
        assert (
            await dashboard.post(f"/alerts/silences/{silence.id}/end")
        ).status == 303
    assert await dashboard.c.list_silences() == []
    assert not any(one.silenced_until for one in await dashboard.c.list_alerts())
    [*_, first] = await dashboard.c.list_actions()
    assert (first.action, first.arguments["subject"]) == ("alert.silence", "tmdb")


async def test_what_cannot_be_silenced(dashboard: Dashboard) -> None:
    """What is no rule, no time, and for ever."""
    for data in (
        {"kind": "nothing", "hours": "1"},
        {"kind": "circuit_open"},
        {"kind": "circuit_open", "hours": "0"},
        {"kind": "circuit_open", "hours": "721"},
        {"kind": "circuit_open", "hours": "nan"},
        {"hours": "1"},
    ):
        assert (await dashboard.post("/alerts/silence", data=data)).status == 400, data


async def test_history_is_whole_over_its_pages(dashboard: Dashboard) -> None:
    """By keys: nothing twice, nothing left out, also of one kind."""
    await _run(dashboard, _ALERTS)
    for kind, whole in ((None, 120), ("schedule_late", 60)):
        seen: list[int] = []
        before = None
        while found := await dashboard.c.list_closed_alerts(
            kind=kind, before=before, limit=50
        ):
            seen += [alert.id for alert in found]
            before = found[-1].id
        assert len(seen) == len(set(seen)) == whole
        assert seen == sorted(seen, reverse=True)
    page = (await dashboard.get("/alerts?kind=schedule_late")).text
    assert page.count('class="subject">subject-') == 50
    assert "subject-119<" not in page
    assert "/alerts?before=" in page
    last = (await dashboard.get("/alerts?before=54")).text
    assert ">Older<" not in last
    assert (await dashboard.get("/alerts?before=x")).status == 400


async def test_every_rule_is_explained(dashboard: Dashboard) -> None:
    """Why it matters, what to do, from when on."""
    page = (await dashboard.get("/alerts")).text
    for rule in RULES:
        assert f">{rule.name.replace('_', ' ')}</a>" in page
    assert "longest 15 min 00 s" in page
    assert "least bytes 2 GB" in page


async def test_without_an_address_it_says_what_to_set(dashboard: Dashboard) -> None:
    """And a test message is refused with the same."""
    assert "CINEGRAPH_ALERT_URLS" in (await dashboard.get("/alerts")).text
    answer = await dashboard.post("/alerts/test")
    assert answer.status == 409
    assert "CINEGRAPH_ALERT_URLS" in answer.text


async def test_a_test_message_arrives_and_its_fate_is_shown(
    open_dashboard: OpenDashboard,
) -> None:
    """The leading node sends it; the address is shown nowhere, whatever the server says."""
    with receiving() as receiver:
        async with open_dashboard(
            alert_urls=receiver.url("T0k3nOfAlerts99")
        ) as dashboard:
            notifier = Notifier(
                dashboard.c._app.pool, dashboard.c.settings.alert_targets
            )
            assert (await dashboard.post("/alerts/test")).status == 303
            page = (await dashboard.get("/alerts")).text
            assert ">waiting<" in page
            assert await notifier.turn() == 1
            assert receiver.titles == ["Cinegraph: a test message"]
            receiver.status = 401
            await dashboard.post("/alerts/test")
            assert await notifier.turn() == 0
            page = (await dashboard.get("/alerts")).text
            assert ">sent<" in page
            assert ">failed<" in page
            assert "401" in page
            for secret in ("s3cretpassw0rd", "T0k3nOfAlerts99"):
                assert secret not in page
                assert scrubbing.scrub(f"at {secret}!") == "at ***!"
