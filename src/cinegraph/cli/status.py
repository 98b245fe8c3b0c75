"""`cinegraph status`: the whole at a glance."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.api.telling import read_queues, read_status
from cinegraph.cli import console, queues, session
from cinegraph.cli.runs import table_of
from cinegraph.errors import NotSetUpError
from cinegraph.jobs.browse import NodeRow
from cinegraph.limits.browse import BudgetState
from cinegraph.monitoring.alerts import Alert
from cinegraph.monitoring.insights import Status
from cinegraph.monitoring.levels import (
    TARGET_FILMS_PER_HOUR,
    TARGET_FRESHNESS,
    TARGET_LIMIT_SHARE,
    TARGET_SUCCESS,
    Efficiency,
    ServiceLevels,
    Verdict,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

type Rows = list[tuple[str, str | Text]]


def status(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show the whole at a glance: films, speed, success, freshness, queues, runs."""
    session.run(_status(json=json))


async def _status(*, json: bool) -> None:
    try:
        async with session.connect(reads=True) as c:
            if json:
                console.print_json(await read_status(c))
            else:
                await _show(c)
    except NotSetUpError as error:
        if json:
            console.print_json({"status": "not_set_up", "message": str(error)})
        else:
            console.show(Text(f"{error}\n{error.hint}"))


async def _show(c: Cinegraph) -> None:
    status = await c.get_sync_status()
    levels = await c.get_service_levels()
    nodes = await c.list_nodes()
    parts: list[RenderableType] = [
        *_alarms(await c.list_budgets()),
        *_alerts(await c.list_alerts()),
        console.make_sheet(
            [
                *_films(status),
                *await _titles(c),
                *_levels(levels),
                ("workers", _workers(nodes)),
            ]
        ),
        Text(""),
        queues.table_of(await read_queues(c)),
    ]
    for run in status.active_runs[:1]:
        cause = await c.explain_run(run)
        parts += [Text(""), table_of(status.active_runs)]
        if cause:
            parts.append(Text(f"run {run.id} is limited by: {cause.text}"))
    console.show(*parts)


async def _titles(c: Cinegraph) -> Rows:
    """Say how far OMDb is, where it is switched on."""
    counts = {
        one.state: one.things for one in await c.list_ledger() if one.source == "omdb"
    }
    if not counts:
        return []
    told = ", ".join(f"{things:,} {state}" for state, things in counts.items())
    rows: Rows = [("OMDb", told)]
    left = await c.get_omdb_backlog()
    if left is not None and left.things:
        rows.append(("", words.backlog(left)))
    return rows


def _alerts(found: list[Alert]) -> list[Text]:
    if not found:
        return []
    [first, *others] = found
    more = f" (and {len(others)} more: `cinegraph alerts`)" if others else ""
    style = "bold red" if first.severity == "critical" else "bold yellow"
    what = f"{first.kind.replace('_', ' ')}, {first.subject}"
    text = f"{first.severity} ({what}): {first.message}{more}"
    return [Text(text, style=style)]


def _alarms(budgets: list[BudgetState]) -> list[Text]:
    alarms = []
    for budget in budgets:
        name = budget.source.upper()
        if budget.halted_at is not None:
            text = f"{name} stands still: {budget.halt_reason}. See `cinegraph doctor`."
            alarms.append(Text(text, style="bold red"))
        elif budget.paused_seconds > 0:
            seconds = words.duration(budget.paused_seconds)
            text = f"{name} is paused for {seconds}: {budget.pause_reason}."
            alarms.append(Text(text, style="bold yellow"))
    return alarms


def _films(status: Status) -> Rows:
    counts = f"{status.imported_movies:,} imported of {status.total_movies:,} known"
    return [
        ("status", Text(status.status, style="bold cyan")),
        (
            "films",
            (
                f"{counts}, {status.wanted_movies:,} wanted, "
                f"{status.failed_movies:,} failed, {status.absent_movies:,} absent"
            ),
        ),
        ("people", f"{status.people:,} with {status.credits:,} credits"),
        ("last sync", words.ago(status.last_sync_at, status.read_at)),
        ("next sync", _next(status)),
    ]


def _next(status: Status) -> str:
    if status.next_sync_at is None:
        return "nothing is due"
    return words.ago(status.next_sync_at, status.read_at)


def _levels(levels: ServiceLevels) -> Rows:
    verdicts = {one.name: one.verdict for one in levels.levels}
    speed = (
        f"{levels.films_last_hour:,} fetched in the last hour "
        f"(goal {TARGET_FILMS_PER_HOUR:,}"
    )
    is_slow = verdicts["import_speed"] is Verdict.MISSED
    rows: Rows = [
        ("import speed", f"{speed}, missed)" if is_slow else f"{speed})"),
        (
            "success",
            _level(
                levels.success,
                f"of what was asked in 7 days (goal {_percent(TARGET_SUCCESS)}",
                verdicts["success"],
            ),
        ),
        ("latency", _latency(levels, verdicts["update_latency"])),
        (
            "freshness",
            _level(
                levels.freshness,
                f"of {levels.films_live:,} films in 7 days (goal {_percent(TARGET_FRESHNESS)}",
                verdicts["freshness"],
            ),
        ),
        ("", _fresh(levels)),
        ("changes feed", _feed(levels)),
    ]
    rows += [
        (
            f"{one.source} limit",
            _efficiency(one, verdicts[f"api_efficiency_{one.source}"]),
        )
        for one in levels.efficiency
        # Without a limit a second there is nothing to keep under.
        if one.upstream_per_second
    ]
    return rows


def _latency(levels: ServiceLevels, verdict: Verdict) -> Text:
    if levels.update_p95_seconds is None:
        return Text("no change of a popular film to measure yet")
    late = f", {levels.updates_late:,} late" if levels.updates_late else ""
    return _judged(
        words.duration(levels.update_p95_seconds),
        f"for popular films, p95 of {levels.updates_measured:,}{late} (goal 1 h",
        verdict,
    )


def _fresh(levels: ServiceLevels) -> str:
    """Say what makes films fresh."""
    fetched = levels.films_fetched_last_week
    proven = levels.films_fresh - fetched
    return f"{fetched:,} fetched, {proven:,} proven unchanged by the changes feed"


def _feed(levels: ServiceLevels) -> str:
    """Say how far the feed of changes proves, and how old that is."""
    if levels.feed_watermark is None:
        return "never read"
    read = words.ago(levels.feed_read_at, levels.read_at)
    return f"read {read}, proves until {levels.feed_watermark} 00:00 UTC"


def _level(share: float | None, of_what: str, verdict: Verdict) -> Text:
    if share is None:
        return Text("nothing to measure yet")
    return _judged(words.percent(share, 1), of_what, verdict)


def _efficiency(one: Efficiency, verdict: Verdict) -> Text:
    if one.worst_minute_share is None:
        return Text("nothing asked in 24 h")
    share, when = max(
        (one.worst_minute_share, "minute"), (one.worst_day_share or 0.0, "day")
    )
    return _judged(
        words.percent(share, 1),
        f"in the worst {when}, second {one.worst_second} of {one.upstream_per_second:g}"
        f" (goal under {_percent(TARGET_LIMIT_SHARE)}",
        verdict,
    )


def _judged(value: str, of_what: str, verdict: Verdict) -> Text:
    """Tell a number and its goal, whose bracket is still open: a goal that is missed says so without colours too."""
    is_missed = verdict is Verdict.MISSED
    return Text.assemble(
        (value, "yellow" if is_missed else "green"),
        f" {of_what}",
        (", missed", "yellow") if is_missed else "",
        ")",
    )


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _workers(nodes: list[NodeRow]) -> Text:
    live = {node.node for node in nodes if node.is_live}
    if not live:
        return Text("none; start `cinegraph up` or `cinegraph work`", style="yellow")
    return Text(words.count(len(live), "node"))
