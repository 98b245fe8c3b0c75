"""`cinegraph enrich`: what is computed of films: have it computed, and see how far that is."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.api.telling import tell_run
from cinegraph.cli import (
    console,
    enriching_cri,
    enriching_recommendations,
    imports,
    session,
)
from cinegraph.cli.live import BAR_WIDTH, LINE_SECONDS, LiveArea
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.enrichment.due.passes import PassState
from cinegraph.enrichment.due.status import EnrichmentStatus, Reason
from cinegraph.errors import UsageError
from cinegraph.monitoring.progress import RunProgress

app = typer.Typer(
    help="What is computed of films: who worked with whom, lists, scores, recommendations.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Due = Annotated[
    bool, typer.Option("--due", help="Only films of which something has changed.")
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Show progress and return when it has ended.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]

QUEUES = ("enrichment",)
"""What a worker has to run."""
_READ_SECONDS = 0.25
_MOST_REASONS = 3
_MANY_WAITING = 1000
"""Changes: fewer are looked at within a second while a worker runs."""


@app.command("collaborations")
def collaborations(*, due: Due = False, wait: Wait = False, json: Json = False) -> None:
    """Compute who worked with whom."""
    start(Enrichment.COLLABORATIONS, due=due, wait=wait, json=json)


@app.command("lists")
def link_lists(*, due: Due = False, wait: Wait = False, json: Json = False) -> None:
    """Link the members of cultural lists to films; to read lists anew there is `cinegraph lists import`."""
    start(Enrichment.CULTURAL_LISTS, due=due, wait=wait, json=json)


@app.command("cri")
def score(
    *,
    due: Due = False,
    wait: Wait = False,
    backtest: Annotated[
        str | None,
        typer.Option(
            "--backtest",
            metavar="LIST",
            help="Hold a list out, with all that follows from it, and measure how well the score finds its films.",
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="A B", help="Two versions of the formula."),
    ] = None,
    movers: Annotated[
        int | None,
        typer.Option(
            "--movers",
            min=1,
            metavar="N",
            help="Of a comparison, at most so many films; 10 where it is left out.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compute the cultural-relevance index of films; or measure it, which stores nothing."""
    if backtest is not None and compare is not None:
        raise UsageError(
            "--backtest and --compare exclude each other", hint="Give one of them."
        )
    if (due or wait) and (backtest is not None or compare is not None):
        raise UsageError(
            "--due and --wait are about computing; a backtest or comparison computes nothing that is stored",
            hint="Leave them away.",
        )
    if movers is not None and compare is None:
        raise UsageError(
            "--movers is about a comparison",
            hint="Give --compare A B, or leave it away.",
        )
    if backtest is not None:
        session.run(enriching_cri.show_backtest(backtest, json=json))
    elif compare is not None:
        session.run(
            enriching_cri.show_comparison(*compare, limit=movers or 10, json=json)
        )
    else:
        start(Enrichment.CRI_SCORE, due=due, wait=wait, json=json)


@app.command("recommendations")
def recommend(
    *,
    due: Due = False,
    wait: Wait = False,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            "--evaluate",
            metavar="RATINGS.csv",
            help="Measure them by ratings of users: user, imdb or tmdb id, rating.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compute which films are most like each film; or measure it, which stores nothing."""
    if evaluate is None:
        start(Enrichment.RECOMMENDATIONS, due=due, wait=wait, json=json)
    elif due or wait:
        raise UsageError(
            "--due and --wait are about computing; --evaluate measures what is stored",
            hint="Leave them away.",
        )
    else:
        session.run(enriching_recommendations.evaluate(evaluate, json=json))


@app.command("status")
def status(*, json: Json = False) -> None:
    """Show of each kind how many films are current, due or impossible, and why."""
    session.run(_status(json=json))


def start(enrichment: Enrichment, *, due: bool, wait: bool, json: bool) -> None:
    """Start computing, and follow it where somebody waits; exit 1 where it failed or was cancelled."""
    run = session.run(_start(enrichment, due=due, wait=wait, json=json))
    if run.state in {"failed", "cancelled"}:
        raise typer.Exit(1)


async def _start(
    enrichment: Enrichment, *, due: bool, wait: bool, json: bool
) -> RunProgress:
    async with session.connect() as c:
        run_id = await c.enrich(enrichment, only_due=due)
        if not wait:
            run = await imports.tell_queued(c, run_id, QUEUES)
        elif await imports.has_worker(c, QUEUES):
            run = await _follow(c, run_id, enrichment, due=due)
        else:
            console.note(
                f"run {run_id}: no worker is running, so this process does the work"
            )
            async with c.work():
                run = await _follow(c, run_id, enrichment, due=due)
        if json:
            console.print_json(tell_run(run))
        elif wait:
            console.out().print(_summary(run, await c.get_pass(enrichment), due=due))
    return run


async def _follow(
    c: Cinegraph, run_id: int, enrichment: Enrichment, *, due: bool
) -> RunProgress:
    """Show how far computing is, until the run has ended; of what is due, how far a pass is that it waits for."""
    shown_at = -LINE_SECONDS
    with LiveArea() as area:
        while True:
            run, state = await c.get_run(run_id), await c.get_pass(enrichment)
            films = (await c.count_films()) if state.began_at else 0
            if not run.is_running:
                return run
            if area.live is not None:
                area.live.update(_picture(run, state, films, due=due))
            elif time.monotonic() - shown_at >= LINE_SECONDS:
                shown_at = time.monotonic()
                console.note(f"run {run.id}: {_progress(state, films, due=due)}")
            await asyncio.sleep(_READ_SECONDS)


def _picture(
    run: RunProgress, state: PassState, films: int, *, due: bool
) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(films, 1), completed=state.films_done, width=BAR_WIDTH)
    told = _progress(state, films, due=due)
    grid.add_row(Text(f"run {run.id}", style="bold"), bar, told)
    return grid


def _progress(state: PassState, films: int, *, due: bool) -> str:
    """Say how far a pass is; one that begins may read for a while before its first film is done."""
    if state.began_at is None:
        return "waiting for its turn"
    if state.films_done:
        done = f"{state.films_done:,} of {words.count(films, 'film')}"
    else:
        done = f"reading {words.count(films, 'film')}"
    return f"waiting for the pass over all films: {done}" if due else done


def _summary(run: RunProgress, state: PassState, *, due: bool) -> Text:
    style = words.STATE_STYLES.get(run.state, "")
    facts = [f"took {words.duration(run.elapsed.total_seconds())}"]
    if not due and run.state == "completed":
        facts.insert(0, words.count(state.films_done, "film"))
    if run.note:
        facts.append(run.note)
    told = Text.assemble(f"run {run.id} ", (run.state, style), f": {'; '.join(facts)}")
    if run.state == "failed":
        told.append(
            f"\nThe reason: cinegraph jobs list --run {run.id}; again: cinegraph runs retry {run.id}"
        )
    return told


async def _status(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.get_enrichment_status()
    if json:
        console.print_json(found)
        return
    console.show(*_show_status(found.kinds))
    if found.changes_waiting > _MANY_WAITING:
        console.complain(
            f"{found.changes_waiting:,} changes were not looked at yet: what they concern is not counted as due",
            "A worker does it: cinegraph up.",
            word="warning",
        )


def _show_status(found: Sequence[EnrichmentStatus]) -> list[RenderableType]:
    table = console.make_table(
        "", "current>", "due>", "failing>", "impossible>", "never computed>"
    )
    for one in found:
        table.add_row(
            one.enrichment,
            f"{one.current:,}",
            Text(f"{one.due:,}", style="cyan" if one.due else ""),
            Text(f"{one.failing:,}", style="bold red" if one.failing else ""),
            f"{one.impossible:,}",
            Text(f"{one.missing:,}", style="yellow" if one.missing else ""),
        )
    rows = [row for one in found for row in _remarks(one)]
    return [table, Text(), console.make_sheet(rows)] if rows else [table]


def _remarks(one: EnrichmentStatus) -> list[tuple[str, str | Text]]:
    """Return why films are due, failing or impossible, and what is known of passes over all."""
    told: list[str] = []
    for word, reasons in (
        ("due", one.due_for),
        ("failing", one.failing_for),
        ("impossible", one.impossible_for),
    ):
        if reasons:
            told.append(f"{word}: {_reasons(reasons)}")
    told.append(_whole(one.whole))
    if one.whole.spread_cut:
        left = words.count(one.whole.spread_cut, "film")
        told.append(
            f"left to the next pass over all, beyond the bound beside one change: {left}"
        )
    return [
        (one.enrichment if first else "", text)
        for first, text in zip([True] + [False] * len(told), told, strict=False)
    ]


def _reasons(reasons: Sequence[Reason]) -> str:
    told = [f"{one.why} ({one.films:,})" for one in reasons[:_MOST_REASONS]]
    others = sum(one.films for one in reasons[_MOST_REASONS:])
    return ", ".join([*told, f"others ({others:,})"] if others else told)


def _whole(state: PassState) -> str:
    if state.began_at is not None:
        return f"a pass over all films is under way, {state.films_done:,} done ({state.wanted_for})"
    if state.wanted_at is not None:
        return f"all films are to be computed: {state.wanted_for}"
    if state.finished_at is None:
        return "all films were never computed in one pass"
    took = (
        words.duration(state.finished_in.total_seconds()) if state.finished_in else "?"
    )
    return f"all {state.films_done:,} films computed {words.ago(state.finished_at)}, in {took}"
