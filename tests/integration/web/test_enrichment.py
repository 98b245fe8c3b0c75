"""What is computed, on a page: counts, scores, a backtest that somebody asks for."""

import asyncio
import re

import psycopg
import pytest

from cinegraph.enrichment.cri import distribution
from cinegraph.web.pages.enrichment import bars
from valuing import fill

from .conftest import Answer, Dashboard


@pytest.fixture
def _filled(database_url: str) -> None:
    """Write an invented catalogue with lists and awards."""
    with psycopg.connect(database_url) as conn:
        fill(conn, 1)


async def look(dashboard: Dashboard, path: str, until: str) -> Answer:
    """Look at a page until it shows something."""
    async with asyncio.timeout(60):
        while True:
            page = await dashboard.get(path)
            assert page.status == 200, page.text
            if until in page.text:
                return page
            await asyncio.sleep(0.2)


@pytest.mark.usefixtures("_filled")
async def test_counts_are_those_of_the_command(dashboard: Dashboard) -> None:
    """Of each kind; with the button that computes it."""
    report = await dashboard.c.get_enrichment_status()
    page = await look(dashboard, "/enrichment", "never computed")
    shown = re.findall(r'data-label="never computed">([\d,]+)<', page.text)
    assert shown == [f"{one.missing:,}" for one in report.kinds]
    assert "/enrichment/cri_score/start" in page.text


async def test_computing_is_started(dashboard: Dashboard) -> None:
    """Of what is due, or of all; of nothing else."""
    due = await dashboard.post("/enrichment/cri_score/start", data={"scope": "due"})
    every = await dashboard.post(
        "/api/v1/enrichment/collaborations/start", json={"scope": "all"}
    )
    assert (due.status, every.status) == (303, 200)
    runs = await dashboard.c.list_runs()
    assert [run.arguments for run in runs] == [
        {"enrichment": "collaborations", "scope": "all"},
        {"enrichment": "cri_score", "scope": "due"},
    ]
    bad = await dashboard.post("/api/v1/enrichment/nothing/start")
    assert bad.status == 400


@pytest.mark.usefixtures("_filled")
async def test_scores_are_counted_by_fives(
    dashboard: Dashboard, database_url: str
) -> None:
    """A film with 100 stands in the last bar; one without a score in none."""
    with psycopg.connect(database_url) as conn:
        conn.execute("INSERT INTO cri_versions VALUES ('t', '', '{}', '{}', now())")
        for number, score in enumerate([0, 4.9, 5, 99, 100, None], 1):
            conn.execute(
                "INSERT INTO cri_scores"
                " (movie_id, computed_at, score, confidence, version, evidence, shares, impossible)"
                " SELECT id, now(), %s, 1, 't', '{}', '{}', %s FROM movies ORDER BY id OFFSET %s LIMIT 1",
                [score, "no votes" if score is None else None, number],
            )
    found = await dashboard.c.get_score_distribution()
    assert found.bins == (2, 1, *([0] * 17), 2)
    assert (found.scored, found.impossible, found.is_sample) == (5, 1, False)
    page = await look(dashboard, "/enrichment", "all 6 films")
    assert "0 to 5: 2 films, 40.0 %" in page.text


def test_bars_are_as_high_as_their_share() -> None:
    """The highest fills the picture; without films none does."""
    found = distribution.Distribution(
        bins=(2, 4, *([0] * 18)),
        scored=6,
        impossible=0,
        mean=5.0,
        is_sample=False,
        films=6,
    )
    drawn = bars(found)
    assert [bar["height"] for bar in drawn[:3]] == [50, 100, 0]
    assert (drawn[1]["low"], drawn[1]["high"]) == (5, 10)
    assert {
        bar["height"]
        for bar in bars(
            distribution.Distribution(
                bins=(0,) * 20,
                scored=0,
                impossible=0,
                mean=None,
                is_sample=False,
                films=0,
            )
        )
    } == {0}


@pytest.mark.usefixtures("_filled")
async def test_a_backtest_is_measured_beside(
    dashboard: Dashboard, database_url: str
) -> None:
    """The page answers at once, says so, and shows the numbers of the command when they are there."""
    with psycopg.connect(database_url) as conn:
        [(key,), *_] = conn.execute(
            "SELECT list.key FROM lists AS list WHERE EXISTS (SELECT FROM list_entries WHERE list_id = list.id"
            " AND movie_id IS NOT NULL) ORDER BY list.key"
        ).fetchall()
    expected = await dashboard.c.backtest_score(key)
    first = await dashboard.get(f"/enrichment?backtest={key}")
    assert "It is being measured." in first.text or "Ranked by" in first.text
    page = await look(dashboard, f"/enrichment?backtest={key}", "Ranked by")
    assert f"{expected.rankings[0].auc:.3f}" in page.text
    assert "nothing was stored" in page.text


async def test_a_backtest_of_nothing(dashboard: Dashboard) -> None:
    """A list that is not there is told on the page."""
    page = await look(dashboard, "/enrichment?backtest=<script>", "no list is called")
    assert "<script>" not in page.text
