"""Charts: the same numbers for scripts, for programs, and for who has neither."""

import re
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from cinegraph import clock
from cinegraph.monitoring.samples import WINDOWS, floor
from cinegraph.web.pages import charts

from .conftest import VIEWER, Dashboard, bearer, size_of


async def _fill(dashboard: Dashboard) -> None:
    """Sample the last day, but for the 20 minutes before the last ten."""
    last = floor(clock.real_now(), timedelta(minutes=1)) - timedelta(minutes=1)
    values: dict[str, Any] = {"last": last}
    url = dashboard.c.database_url
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(
            "INSERT INTO monitoring_samples (minute, films, films_live, films_fresh)"
            " SELECT %(last)s - n * interval '1 minute', 7, 8, 6 FROM generate_series(0, 1439) AS n"
            " WHERE n NOT BETWEEN 10 AND 29",
            values,
        )
        await conn.execute(
            "INSERT INTO monitoring_queue_samples (minute, queue, waiting, running, completed, failed)"
            " SELECT minute, 'imports', 5, 2, 90, 3 FROM monitoring_samples"
        )
        await conn.execute(
            "INSERT INTO monitoring_source_samples (minute, source, requests, throttled, errors, p95_seconds)"
            " SELECT minute, source, 60, 1, 2, p95 FROM monitoring_samples, (VALUES ('<b>tmdb', 0.25), ('omdb', 0.5))"
            " AS told (source, p95)"
        )


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_window_in_the_address(dashboard: Dashboard, window: str) -> None:
    """It can be shared, and is what the script asks for."""
    await _fill(dashboard)
    page = (await dashboard.get(f"/?window={window}")).text
    assert f'data-samples="/api/v1/samples?window={window}"' in page
    assert re.search(rf'href="/\?window={window}#charts" aria-current="true"', page)
    answer = await dashboard.get(f"/api/v1/samples?window={window}")
    told = msgspec.json.decode(answer.text)
    assert (told["window"], len(told["points"])) == (
        window,
        WINDOWS[window].span // WINDOWS[window].step,
    )
    assert size_of(answer.text) < 20_000


async def test_without_scripts_the_numbers_stand_there(dashboard: Dashboard) -> None:
    """Lines, the latest value of each, and a table without the minutes that nobody sampled."""
    await _fill(dashboard)
    page = (await dashboard.get("/")).text
    part = page[page.index('id="charts"') : page.index('id="catalogue"')]
    assert "requests 2/s" in part
    assert "jobs done 1.5/s" in part
    assert "slowest source 0.5 s" in part
    assert "failed requests 4/min" in part
    assert "too many requests 2/min" in part
    assert "failed jobs 3/min" in part
    assert "within 7 days 75 %" in part
    assert part.count('<th scope="row">') == 40
    lines = sum(len(chart.lines) for chart in charts.CHARTS)
    assert part.count("<polyline") == lines
    assert part.count('role="img"') == lines + len(charts.CHARTS)
    assert "<b>tmdb" not in page


async def test_before_the_first_sample(dashboard: Dashboard) -> None:
    """It says who makes them."""
    page = (await dashboard.get("/")).text
    assert "No minute was sampled yet" in page
    assert "requests –" in page


async def test_no_such_window(dashboard: Dashboard) -> None:
    """An error of who asks, not of ours."""
    assert (await dashboard.get("/?window=2h")).status == 400
    assert (await dashboard.get("/api/v1/samples?window=2h")).status == 400


async def test_samples_are_for_who_may_look(closed: Dashboard) -> None:
    """As all of the API."""
    assert (await closed.get("/api/v1/samples")).status == 401
    assert (await closed.get("/api/v1/samples", **bearer(VIEWER))).status == 200
