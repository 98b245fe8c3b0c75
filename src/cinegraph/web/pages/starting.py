"""Starting runs: a form for each kind, what it would cost, and then the button."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from cinegraph.api import Cinegraph
from cinegraph.api.costing import Cost
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.jobs.discovery import ListName
from cinegraph.records.fields import ALL, FIELDS
from cinegraph.sync.updates import DEFAULT_FIELDS, RECENT_MONTHS, Selection
from cinegraph.web.actions import BY_KEY
from cinegraph.web.actions.starting_runs import (
    CatalogArguments,
    CulturalListArguments,
    EnrichmentArguments,
    FestivalArguments,
    FilmsArguments,
    ListArguments,
    UpdateArguments,
)
from cinegraph.web.arguments import convert
from cinegraph.web.pages.page import Context, PageRequest, page

type What = Literal[
    "list",
    "catalog",
    "films",
    "update",
    "changes",
    "festival",
    "enrichment",
    "cultural_list",
]


class StartForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is filled in so far; each kind of run takes its own of these."""

    what: What = "list"
    ask: bool = False
    """Whether the cost is asked for."""
    name: ListName = "popular"
    pages: int = 100
    limit: int | None = None
    first_id: int | None = None
    last_id: int | None = None
    include_adult: bool = False
    films: str = ""
    selection: Selection = Selection.RECENT
    fields: tuple[str, ...] = ()
    months: int = RECENT_MONTHS
    festival: str = "oscars"
    year: int | None = None
    edition: int | None = None
    every: bool = False
    enrichment: Enrichment = Enrichment.CRI_SCORE
    only_due: bool = False
    key: str = ""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of run that a person may start."""

    title: str
    help: str
    action: str
    arguments: type[msgspec.Struct] | None
    """None: none."""
    weigh: Callable[[Cinegraph, Any], Awaitable[Cost]] | None
    """Returns what it would cost; None: as good as nothing."""


KINDS: Final[Mapping[What, Kind]] = {
    "list": Kind(
        title="A list of TMDB",
        help="Popular, best rated, in cinemas, to come, or looked for this week: 20 films a page.",
        action="run.start_list",
        arguments=ListArguments,
        weigh=lambda c, given: c.weigh_list(given.name, given.pages),
    ),
    "catalog": Kind(
        title="The whole catalogue",
        help="Every film of TMDB's daily list, the most popular ones first; or so many of them, or a range of ids.",
        action="run.start_catalog",
        arguments=CatalogArguments,
        weigh=lambda c, given: c.weigh_catalog(ids=given.ids, limit=given.limit),
    ),
    "films": Kind(
        title="Films by name",
        help="Before everything that nobody waits for.",
        action="run.start_films",
        arguments=FilmsArguments,
        weigh=lambda c, given: c.weigh_movies(given.references),
    ),
    "update": Kind(
        title="Update stored films",
        help="Recent, popular or stale ones; a request for each, whatever the fields.",
        action="run.start_update",
        arguments=UpdateArguments,
        weigh=lambda c, given: c.weigh_update(
            given.selection, limit=given.limit, months=given.months
        ),
    ),
    "changes": Kind(
        title="The feed of changes",
        help="What TMDB says has changed: read by itself every 15 minutes, or now; films that it names become due.",
        action="run.start_changes",
        arguments=None,
        weigh=None,
    ),
    "festival": Kind(
        title="A festival's awards",
        help="Nominations, with the films and people that they name; the newest edition unless you say which.",
        action="run.start_festival",
        arguments=FestivalArguments,
        weigh=lambda c, given: c.weigh_festival(given.festival, every=given.every),
    ),
    "enrichment": Kind(
        title="Compute",
        help="Collaborations, list evidence, scores or recommendations of all films, or of those due.",
        action="run.start_enrichment",
        arguments=EnrichmentArguments,
        weigh=lambda c, given: c.weigh_enrichment(
            given.enrichment, only_due=given.only_due
        ),
    ),
    "cultural_list": Kind(
        title="A cultural list",
        help="A list of films that somebody of authority made; films that are missing are fetched.",
        action="run.start_cultural_list",
        arguments=CulturalListArguments,
        weigh=lambda c, given: c.weigh_cultural_list(given.key),
    ),
}
"""In the order of the page."""


@page("/runs/new", name="start", title="Start a run", seconds=None)
async def start(request: PageRequest) -> Context:
    """Show the form of one kind of run, and what it would cost once that is asked."""
    form = request.filters(StartForm)
    kind = KINDS[form.what]
    given = _given(form, kind) if form.ask and kind.arguments is not None else None
    cost = None
    if given is not None and kind.weigh is not None:
        cost = await kind.weigh(request.c, given)
    c = request.c
    return {
        "form": form,
        "kind": kind,
        "kinds": KINDS,
        "action": BY_KEY[kind.action],
        "cost": cost,
        "is_ready": kind.arguments is None or given is not None,
        "hidden": [] if given is None else _pairs(given),
        "list_names": ("popular", "top_rated", "now_playing", "upcoming", "trending"),
        "selections": list(Selection),
        "default_fields": DEFAULT_FIELDS,
        "field_names": [ALL, *(field.name for field in FIELDS)],
        "enrichments": list(Enrichment),
        "festivals": await c.list_festivals() if form.what == "festival" else (),
        "lists": await c.list_lists() if form.what == "cultural_list" else (),
    }


def _given(form: StartForm, kind: Kind) -> msgspec.Struct:
    """Return the arguments of the kind's action as the form has them (UsageError)."""
    assert kind.arguments is not None  # noqa: S101 - asked before
    values = msgspec.to_builtins(form)
    names = kind.arguments.__struct_fields__
    if form.what == "catalog" and not form.include_adult:
        values["include_adult"] = None
    return convert({name: values[name] for name in names}, kind.arguments)


def _pairs(given: msgspec.Struct) -> list[tuple[str, str]]:
    """Return arguments as hidden fields of a form."""
    pairs: list[tuple[str, str]] = []
    for name, value in msgspec.to_builtins(given).items():
        values: Sequence[object] = value if isinstance(value, list | tuple) else [value]
        kept = [each for each in values if each is not None and each is not False]
        pairs += [(name, _text(each)) for each in kept]
    return pairs


def _text(value: object) -> str:
    return "true" if value is True else str(value)
