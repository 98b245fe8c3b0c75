"""Runs: the list, and one as a tree of its stages, its jobs and what failed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from cinegraph.api import Cinegraph
from cinegraph.jobs.browse import JobRow
from cinegraph.jobs.causes import Cause
from cinegraph.monitoring.editions import RunEdition
from cinegraph.monitoring.progress import RunProgress, Stage, list_stages
from cinegraph.monitoring.troubles import Trouble
from cinegraph.sync.runs import AWARDS
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

PAGE_SIZE: Final = 50
_MOST_RUNNING: Final = 500
"""Jobs of one run at the same moment: nodes run some 40 each."""
_MOST_EDITIONS: Final = 100
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "lists": (
        "import_popular",
        "import_top_rated",
        "import_now_playing",
        "import_upcoming",
        "import_trending",
    ),
    "catalogue": ("import_catalog",),
    "films by name": ("import_movies",),
    "new films": ("import_new",),
    "updates": ("update_recent", "update_popular", "update_stale"),
    "festivals": ("import_festival",),
    "cultural lists": ("import_list",),
    "enrichment": ("enrich",),
    "rebuild": ("rebuild",),
}
"""What a person calls the kinds of runs."""
STAGES: Final[Mapping[str, str]] = {
    "popular_page": "pages of popular films",
    "top_rated_page": "pages of top rated films",
    "now_playing_page": "pages of films in cinemas",
    "upcoming_page": "pages of films to come",
    "trending_page": "pages of trending films",
    "export": "TMDB's daily list of all films",
    "id_range": "ranges of ids",
    "festival": "sources of awards",
    "edition": "editions",
    "find": "lookups of films",
    "movie": "films",
    "omdb": "films at OMDb",
    "collaborations": "collaborations of films",
    "person": "people",
    "enrichment": "passes over films",
}
"""What the stages of a run do, in words."""
QUEUES: Final[Mapping[str, str]] = {
    "movie": "imports",
    "omdb": "omdb",
    "festival": "festivals",
    "edition": "festivals",
    "find": "festivals",
    "person": "festivals",
    "collaborations": "enrichment",
    "enrichment": "enrichment",
    "export": "maintenance",
}
"""Where the jobs of a stage are; those of pages and ranges are in `discovery`."""
_FAILED: Final = ("failed", "quarantined")


class RunsFilter(msgspec.Struct, frozen=True):
    """Which runs."""

    state: Literal["running", "paused", "completed", "failed", "cancelled"] | None = (
        None
    )
    kind: str | None = None
    """One of `KINDS`, or a kind as it is stored."""
    before: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)] | None = None
    """The last id of the page before."""


class _Branch(msgspec.Struct, frozen=True):
    """A stage of a run, with its jobs that run now."""

    stage: Stage
    title: str
    queue: str
    running: Sequence[JobRow]


class _Tree(msgspec.Struct, frozen=True):
    """A run, and all that hangs on it."""

    run: RunProgress
    cause: Cause | None
    branches: Sequence[_Branch]
    editions: Sequence[RunEdition]
    troubles: Sequence[Trouble]


@page("/runs", name="runs", title="Runs", section="Now", key="r")
async def runs(request: PageRequest) -> Context:
    """Show runs, the latest first."""
    filters = request.filters(RunsFilter)
    found = await request.read(_listing(filters))
    has_more = len(found) > PAGE_SIZE
    return {
        "runs": found[:PAGE_SIZE],
        "filters": filters,
        "next_before": found[PAGE_SIZE - 1].id if has_more else None,
        "kinds": KINDS,
        "states": ("running", "paused", "completed", "failed", "cancelled"),
    }


@page("/runs/{run_id:int}", name="run", title="Run")
async def run(request: PageRequest) -> Context:
    """Show one run."""
    tree = await request.read(_tree(request.number("run_id")))
    return {
        "tree": tree,
        "run": tree.run,
        "asked": _asked(tree.run.arguments),
        "editions": tree.editions[:_MOST_EDITIONS],
        "more_editions": max(len(tree.editions) - _MOST_EDITIONS, 0),
        "failed": [each for each in tree.troubles if each.state == "failed"],
        "quarantined": [each for each in tree.troubles if each.state == "quarantined"],
        "stage_titles": STAGES,
    }


def _listing(filters: RunsFilter) -> Reading[list[RunProgress]]:
    kinds = KINDS.get(filters.kind, (filters.kind,)) if filters.kind else None
    states = None if filters.state is None else (filters.state,)
    return Reading(
        "runs",
        1.0,
        lambda c: c.list_runs(
            PAGE_SIZE + 1, states=states, kinds=kinds, before=filters.before
        ),
        filters,
    )


def _tree(run_id: int) -> Reading[_Tree]:
    return Reading("run", 1.0, lambda c: _read_tree(c, run_id), run_id)


async def _read_tree(c: Cinegraph, run_id: int) -> _Tree:
    found = await c.get_run(run_id)
    running: list[JobRow] = []
    if found.is_running:
        running = await c.list_run_jobs(
            run_id, states=("executing",), limit=_MOST_RUNNING
        )
    at_work = Counter(job.item_kind for job in running)
    has_failed = any(
        states.get(state) for states in found.stages.values() for state in _FAILED
    )
    return _Tree(
        run=found,
        cause=await c.explain_run(found),
        branches=[
            _Branch(
                stage,
                STAGES.get(stage.kind, stage.kind.replace("_", " ")),
                QUEUES.get(stage.kind, "discovery"),
                [job for job in running if job.item_kind == stage.kind],
            )
            for stage in list_stages(found, at_work)
        ],
        editions=await c.list_run_editions(run_id) if found.kind == AWARDS else (),
        troubles=await c.list_run_troubles(run_id) if has_failed else (),
    )


def _asked(arguments: Mapping[str, Any]) -> str:
    """Return what a run was asked to do, in words."""
    return ", ".join(_argument(name, value) for name, value in arguments.items())


def _argument(name: str, value: object) -> str:
    plain = name.replace("_", " ")
    match value:
        case dict():
            return ", ".join(_argument(str(key), each) for key, each in value.items())
        case list():
            shown = ", ".join(str(each) for each in value[:20])
            more = f" and {len(value) - 20} more" if len(value) > 20 else ""  # noqa: PLR2004 - what a line holds
            return f"{plain} {shown}{more}"
        case True:
            return plain
        case _:
            return f"{plain} {value}"
