"""What is computed of films: how far it is, how scores are distributed, and how well they find what others value."""

from typing import TYPE_CHECKING

import msgspec

from cinegraph.api.listing import NOT_IMPORTED
from cinegraph.enrichment.cri.distribution import BINS, Distribution
from cinegraph.enrichment.due.status import EnrichmentReport
from cinegraph.errors import CinegraphError
from cinegraph.web.pages.lists import LISTS
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Glance, Reading

if TYPE_CHECKING:
    from cinegraph.enrichment.cri.backtest import Backtest

REPORT: Reading[EnrichmentReport] = Reading(
    "enrichment", 10.0, lambda c: c.get_enrichment_status()
)
SCORES: Reading[Distribution] = Reading(
    "scores", 300.0, lambda c: c.get_score_distribution()
)
_HEIGHT = 100


class EnrichmentFilter(msgspec.Struct, frozen=True):
    """Of the page."""

    backtest: str | None = None
    """Key of the list that is held out."""


@page(
    "/enrichment", name="enrichment", title="Enrichment", section="Catalogue", key="e"
)
async def enrichment(request: PageRequest) -> Context:
    """Show how far computing is, how scores are distributed, and a backtest that somebody asks for."""
    asked = request.filters(EnrichmentFilter)
    scores = await request.glance(SCORES)
    backtest: Glance[Backtest] | None = None
    trouble: CinegraphError | None = None
    if asked.backtest is not None:
        try:
            backtest = await request.glance(_backtest(asked.backtest))
        except CinegraphError as error:
            trouble = error
    return {
        "asked": asked,
        "report": await request.glance(REPORT),
        "scores": scores,
        "bars": bars(scores.value) if scores.value else [],
        "lists": [
            each for each in await request.read(LISTS) if each.state != NOT_IMPORTED
        ],
        "backtest": backtest,
        "trouble": trouble,
    }


def bars(found: Distribution) -> list[dict[str, float | int | str]]:
    """Return the bars of a histogram: from and to which score, how many films, their share, and how high."""
    top = max(*found.bins, 1)
    width = 100 // BINS
    return [
        {
            "low": number * width,
            "high": (number + 1) * width,
            "films": films,
            "share": films / found.scored if found.scored else 0.0,
            "height": round(_HEIGHT * films / top, 2),
        }
        for number, films in enumerate(found.bins)
    ]


def _backtest(key: str) -> Reading["Backtest"]:
    return Reading(
        "backtest",
        3600.0,
        lambda c: c.backtest_score(key, apart=True),
        key,
        turn="backtest",
    )
