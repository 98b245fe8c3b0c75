"""The first page: is the data fresh, is work moving, are the quotas all right?"""

import msgspec

from cinegraph.jobs.causes import Cause
from cinegraph.monitoring.progress import RunProgress
from cinegraph.web.kept import BUDGETS, LEVELS, QUOTAS, STATUS, WindowName, samples_of
from cinegraph.web.pages.charts import CHARTS, WINDOWS
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading


class OverviewFilters(msgspec.Struct, frozen=True):
    """Of the charts."""

    window: WindowName = "1h"


@page("/", name="overview", title="Overview", section="Now", key="o")
async def overview(request: PageRequest) -> Context:
    """Show what tells in five seconds whether all is well."""
    status = await request.read(STATUS)
    window = request.filters(OverviewFilters).window
    return {
        "window": window,
        "windows": WINDOWS,
        "charts": CHARTS,
        "samples": await request.read(samples_of(window)),
        "status": status,
        "levels": await request.read(LEVELS),
        "budgets": await request.read(BUDGETS),
        "quotas": await request.read(QUOTAS),
        "causes": {
            run.id: await request.read(_cause(run)) for run in status.active_runs
        },
    }


def _cause(run: RunProgress) -> Reading[Cause | None]:
    return Reading("cause", 2.0, lambda c: c.explain_run(run), run.id)
