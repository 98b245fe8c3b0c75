"""What is computed of films: have it computed."""

from typing import Literal

import msgspec

from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class EnrichmentArguments(msgspec.Struct, frozen=True):
    """What is computed, and of which films."""

    name: Enrichment
    """`collaborations`, `cultural_lists`, `cri_score` or `recommendations`."""
    scope: Literal["due", "all"] = "due"
    """Films of which something has changed, or all."""


async def _start(request: ActionRequest, given: EnrichmentArguments) -> Outcome:
    is_due = given.scope == "due"
    run_id = await request.c.enrich(given.name, only_due=is_due)
    what = given.name.replace("_", " ")
    films = "films of which something has changed" if is_due else "all films"
    return Outcome(
        message=f"Run {run_id} computes {what} of {films}.", result={"run_id": run_id}
    )


ACTIONS = (
    Action(
        key="enrichment.start",
        path="/enrichment/{name}/start",
        title="Compute",
        help="A run computes it of the films that are due, or of all; what is stored stays until it is replaced.",
        arguments=EnrichmentArguments,
        do=_start,
    ),
)
