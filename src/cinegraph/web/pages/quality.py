"""Data quality: ledger, freshness, self-audit; quarantine, films that are gone, films that are another one now."""

from typing import Final

import msgspec

from cinegraph.catalog.quarantine import QuarantineCount
from cinegraph.monitoring.audit import AUDITS, Finding
from cinegraph.monitoring.freshness import Freshness
from cinegraph.sync.gone import Held
from cinegraph.sync.ledger import Count
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

PAGE_SIZE: Final = 50
LEDGER: Reading[list[Count]] = Reading("ledger", 10.0, lambda c: c.list_ledger())
FRESHNESS: Reading[Freshness] = Reading("freshness", 60.0, lambda c: c.get_freshness())
FINDINGS: Reading[list[Finding]] = Reading("audits", 10.0, lambda c: c.list_audits())
QUARANTINE: Reading[list[QuarantineCount]] = Reading(
    "quarantine", 10.0, lambda c: c.count_quarantine()
)
HELD: Reading[list[Held]] = Reading("held", 5.0, lambda c: c.list_held(limit=PAGE_SIZE))


class PageFilter(msgspec.Struct, frozen=True):
    """Which page of a list."""

    before: int | None = None
    """Id of the last one of the page before."""


class QuarantineFilter(PageFilter, frozen=True):
    """Which bodies."""

    source: str | None = None
    reason: str | None = None


@page("/quality", name="quality", title="Data quality", section="Catalogue", key="d")
async def quality(request: PageRequest) -> Context:
    """Show the ledger, how fresh films are, what the daily look found, and what is to be reviewed."""
    held = await request.read(HELD)
    counts = await request.read(LEDGER)
    reasons = {each.name: each.reason for each in AUDITS}
    return {
        "ledger": arrange(counts),
        "states": sorted({each.state for each in counts}),
        "freshness": await request.glance(FRESHNESS),
        "findings": await request.read(FINDINGS),
        "reasons": reasons,
        "quarantine": await request.read(QUARANTINE),
        "held": held[0].total if held else 0,
        "gone": (await request.c.list_gone(limit=1)),
        "merges": (await request.c.list_merges(limit=1)),
    }


@page("/quality/quarantine", name="quarantine", title="Quarantine", seconds=5.0)
async def quarantine(request: PageRequest) -> Context:
    """Show bodies that cannot be read, with the beginning of each."""
    asked = request.filters(QuarantineFilter)
    found = await request.c.list_quarantine(
        source=asked.source,
        reason=asked.reason,
        before=asked.before,
        limit=PAGE_SIZE + 1,
    )
    return {
        "asked": asked,
        "counts": await request.read(QUARANTINE),
        "found": found[:PAGE_SIZE],
        "next": found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
    }


@page("/quality/gone", name="gone", title="Gone films", seconds=5.0)
async def gone(request: PageRequest) -> Context:
    """Show films that are held back, and those that count as gone, with the evidence."""
    asked = request.filters(PageFilter)
    found = await request.c.list_gone(before=asked.before, limit=PAGE_SIZE + 1)
    return {
        "asked": asked,
        "held": await request.c.list_held(limit=PAGE_SIZE),
        "found": found[:PAGE_SIZE],
        "next": found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
    }


@page("/quality/merges", name="merges", title="Merged films", seconds=5.0)
async def merges(request: PageRequest) -> Context:
    """Show films that are another one now, with the evidence."""
    asked = request.filters(PageFilter)
    found = await request.c.list_merges(before=asked.before, limit=PAGE_SIZE + 1)
    return {
        "asked": asked,
        "found": found[:PAGE_SIZE],
        "next": found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
    }


def arrange(counts: list[Count]) -> dict[tuple[str, str], dict[str, int]]:
    """Return counts of the ledger by source and kind, then by state."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for each in counts:
        found.setdefault((each.source, each.kind), {})[each.state] = each.things
    return found
