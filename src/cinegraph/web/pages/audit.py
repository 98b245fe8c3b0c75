"""The audit log: who did what."""

import msgspec

from cinegraph.monitoring.operator_actions import KEEP
from cinegraph.web.actions import ACTIONS
from cinegraph.web.pages.page import Context, PageRequest, page

_PAGE_SIZE = 50


class AuditFilters(msgspec.Struct, frozen=True):
    """Of what was done."""

    who: str | None = None
    action: str | None = None
    before: int | None = None


@page("/audit", name="audit", title="Audit log", section="Record", key="u")
async def audit(request: PageRequest) -> Context:
    """Show what people did through the dashboard or the API, the latest first; also what was refused."""
    filters = request.filters(AuditFilters)
    found = await request.c.list_actions(
        action=filters.action,
        who=filters.who,
        before=filters.before,
        limit=_PAGE_SIZE + 1,
    )
    return {
        "lines": [
            (line, msgspec.json.encode(line.arguments).decode())
            for line in found[:_PAGE_SIZE]
        ],
        "next_before": found[_PAGE_SIZE - 1].id if len(found) > _PAGE_SIZE else None,
        "filters": filters,
        "known": sorted(action.key for action in ACTIONS),
        "kept_days": KEEP.days,
    }
