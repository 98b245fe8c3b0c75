"""`cinegraph limits`: how fast we may ask, how fast we do."""

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import clock, words
from cinegraph.api.telling import read_limits
from cinegraph.cli import console, session
from cinegraph.limits.browse import BudgetState, Load, Usage
from cinegraph.limits.quota_state import QuotaState
from cinegraph.sync.backlog import Backlog

_MOST_HOURS = 24 * 30


def limits(
    hours: Annotated[
        int, typer.Option(min=1, max=_MOST_HOURS, help="How far back.")
    ] = 1,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show the request budgets, and what was asked of each source."""
    session.run(_limits(hours, json=json))


async def _limits(hours: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await read_limits(c, hours=hours)
    if json:
        console.print_json(found)
    elif not found.budgets and not found.quotas:
        console.note("no source was ever asked")
    else:
        parts = _parts(found.budgets, found.usage, found.load, hours)
        for quota in found.quotas:
            parts[:0] = [
                console.make_sheet(quota_rows(quota, found.omdb_backlog)),
                Text(""),
            ]
        console.show(*parts)


def quota_rows(
    quota: QuotaState, backlog: Backlog | None
) -> list[tuple[str, str | Text]]:
    """Return a quota of the day as names and what is told of them."""
    hour = "seen" if quota.is_reset_known else "by hearsay"
    limit = f"{quota.limit:,} a day"
    if quota.learned_limit is not None:
        limit += f" (learned; {quota.configured_limit:,} configured)"
    rows: list[tuple[str, str | Text]] = [
        ("quota of", quota.source),
        ("limit", limit),
        (
            "used today",
            (
                f"{quota.used:,}, of them {quota.background_used:,} in the background; "
                f"{quota.background_left:,} left for it, {quota.left:,} for people"
            ),
        ),
        ("next day", f"{words.moment(quota.resets_at)} ({hour})"),
    ]
    if quota.exhausted_at is not None:
        since = words.ago(quota.exhausted_at)
        rows.append(("state", Text(f"used up, it says, since {since}", style="yellow")))
    if backlog is not None:
        rows.append(("backlog", words.backlog(backlog)))
    return rows


def _parts(
    budgets: list[BudgetState], usage: list[Usage], load: list[Load], hours: int
) -> list[Table | Text]:
    parts: list[Table | Text] = []
    for budget in budgets:
        own = [one for one in load if one.source == budget.source]
        parts += [console.make_sheet(_rows(budget, own, hours)), Text("")]
    parts.append(_usage_table(usage, hours) if usage else Text("nothing was asked"))
    return parts


def _rows(
    budget: BudgetState, load: list[Load], hours: int
) -> list[tuple[str, str | Text]]:
    rows: list[tuple[str, str | Text]] = [("source", budget.source)]
    if budget.configured_per_second:
        rate = (
            f"{budget.rate_now_per_second:.3g} of {budget.configured_per_second:.3g}/s"
        )
        rows.append(("budget now", f"{rate}, burst {budget.burst}"))
    else:
        rows.append(("budget now", "switched off"))
    rows += [
        (
            "upstream's limit",
            f"{budget.upstream_per_second:g}/s"
            if budget.upstream_per_second
            else "unknown",
        ),
        ("state", _state(budget)),
        ("429 so far", _throttled(budget)),
        (f"last {hours} h", _worst(load)),
    ]
    return rows


def _state(budget: BudgetState) -> Text:
    if budget.halted_at is not None:
        text = f"halted {_since(budget.halted_at)}: {budget.halt_reason}"
        return Text(text, style="bold red")
    if budget.paused_seconds > 0:
        seconds = words.duration(budget.paused_seconds)
        return Text(f"paused for {seconds}: {budget.pause_reason}", style="yellow")
    if budget.circuit_opened_at is not None:
        text = f"down {_since(budget.circuit_opened_at)}, asked now and then: {budget.circuit_reason}"
        return Text(text, style="yellow")
    return Text("open", style="green")


def _throttled(budget: BudgetState) -> str:
    if not budget.throttled_count:
        return "none"
    return f"{budget.throttled_count:,}, last {_since(budget.last_throttled_at)}"


def _since(at: datetime | None) -> str:
    """Return how long ago something was that budgets date in real time."""
    return words.ago(at, clock.real_now())


def _worst(load: list[Load]) -> str:
    if not load:
        return "nothing asked"
    worst = max(load, key=lambda one: one.requests)
    share = worst.share_of_limit
    part = f" ({share:.0%} of the limit)".replace("%", " %") if share else ""
    second = max(one.worst_second for one in load)
    total = sum(one.requests for one in load)
    return f"{total:,} requests; worst minute {worst.requests:,}{part}, second {second}"


def _usage_table(usage: list[Usage], hours: int) -> Table:
    table = console.make_table(
        "source",
        "endpoint",
        "requests>",
        "mean>",
        "95 % within>",
        "outcomes",
        title=f"Asked in the last {hours} h",
    )
    for one in _sum_up(usage):
        outcomes = ", ".join(
            f"{name} {number:,}" for name, number in sorted(one.outcomes.items())
        )
        table.add_row(
            one.source,
            one.endpoint,
            f"{one.requests:,}",
            f"{one.mean_seconds:.2f} s",
            f"{one.p95_seconds:.2f} s",
            Text(outcomes),
        )
    return table


def _sum_up(usage: list[Usage]) -> list[Usage]:
    """Add up the UTC days that the hours touch; the slowest day's p95 stands."""
    summed: dict[tuple[str, str], Usage] = {}
    for one in usage:
        key = (one.source, one.endpoint)
        summed[key] = _add(summed[key], one) if key in summed else one
    return [summed[key] for key in sorted(summed)]


def _add(a: Usage, b: Usage) -> Usage:
    requests = a.requests + b.requests
    names = a.outcomes.keys() | b.outcomes.keys()
    seconds = a.mean_seconds * a.requests + b.mean_seconds * b.requests
    return Usage(
        a.period_at,
        a.source,
        a.endpoint,
        requests=requests,
        outcomes={n: a.outcomes.get(n, 0) + b.outcomes.get(n, 0) for n in names},
        mean_seconds=seconds / requests,
        p95_seconds=max(a.p95_seconds, b.p95_seconds),
    )
