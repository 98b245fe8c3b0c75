"""`cinegraph enrich cri`: backtests of the cultural-relevance index, and its versions beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console, session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from rich.table import Table

    from cinegraph.enrichment.cri.backtest import Backtest, Ranking
    from cinegraph.enrichment.cri.comparing import Comparison

_FIRST = ("ranked by", {"no_wrap": True, "min_width": 16})


async def show_backtest(list_key: str, *, json: bool) -> None:
    """Hold out a list, and show how well the score finds its films beside simpler rankings."""
    async with session.connect(reads=True) as c:
        found = await c.backtest_score(list_key)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(*draw_backtest(found))


async def show_comparison(a: str, b: str, *, limit: int, json: bool) -> None:
    """Show how alike two versions of the formula rank films."""
    async with session.connect(reads=True) as c:
        found = await c.compare_score_versions(a, b, movers=limit)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(*draw_comparison(found))


def draw_backtest(found: Backtest) -> list[RenderableType]:
    """Return a backtest as tables and its verdict."""
    head = Text.assemble(
        (found.list_name, "bold"),
        f" held out: {found.stored:,} of {found.members:,} members among"
        f" {found.films:,} films, version {found.version}",
    )
    held = [
        Text(f"held out with it: {one.kind} {one.name} ({one.reason})", style="dim")
        for one in found.held_out
    ]
    gains: list[RenderableType] = [] if found.is_thin else [_gains(found), Text("")]
    return [
        head,
        *held,
        Text(""),
        _rankings(found),
        Text(""),
        *gains,
        _decades(found),
        Text(""),
        *(Text(sentence) for sentence in found.verdict),
    ]


def draw_comparison(found: Comparison) -> list[RenderableType]:
    """Return what two versions have in common, and the films about which they part."""
    if not found.films:
        return [Text(f"No film was scored by both {found.a} and {found.b}.")]
    correlation = "–" if found.correlation is None else f"{found.correlation:.3f}"
    head = console.make_sheet(
        [
            ("versions", f"{found.a} and {found.b}"),
            ("scored by both", words.count(found.films, "film")),
            ("rank correlation", correlation),
            ("mean score", f"{found.mean_a or 0:.2f} and {found.mean_b or 0:.2f}"),
            ("apart, mean", f"{found.moved or 0:.2f}"),
        ]
    )
    table = console.make_table(
        ("film", {"overflow": "fold"}), "year>", f"{found.a}>", f"{found.b}>", "moved>"
    )
    for one in found.movers:
        table.add_row(
            Text(one.title),
            str(one.year or "–"),
            f"{one.score_a:.2f}",
            f"{one.score_b:.2f}",
            f"{one.score_b - one.score_a:+.2f}",
        )
    return [head, Text(""), table] if found.movers else [head]


def _rankings(found: Backtest) -> Table:
    table = console.make_table(
        _FIRST,
        "AUC>",
        "average>",
        "first>",
        *(f"{depth:,}>" for depth in found.depths),
        title=f"ROC AUC, average precision, precision of the first {found.stored:,}, recall of the first …",
    )
    for one in found.rankings:
        table.add_row(
            _name(one),
            f"{one.auc:.3f}",
            f"{one.average_precision:.3f}",
            f"{one.precision:.3f}",
            *(f"{recall:.2f}" for recall in one.recall),
        )
    return table


def _gains(found: Backtest) -> Table:
    table = console.make_table(
        _FIRST,
        "AUC>",
        "average>",
        "first>",
        title=f"By how much the score is better: from, to in 95 of 100 of {found.resamples:,} resamples",
    )
    for one in found.rankings:
        if one.gains:
            table.add_row(
                _name(one),
                *(
                    f"{one.gains[measure].low:+.3f}, {one.gains[measure].high:+.3f}"
                    for measure in ("auc", "average_precision", "precision")
                ),
            )
    return table


def _decades(found: Backtest) -> Table:
    table = console.make_table("decade>", "members>", "films>", "AUC>", "first>")
    for one in found.decades:
        table.add_row(
            "unknown" if one.decade is None else f"{one.decade}s",
            f"{one.members:,}",
            f"{one.films:,}",
            *_numbers((one.auc, one.precision)),
        )
    return table


def _name(one: Ranking) -> Text:
    return Text(one.name, style="bold" if one.kind == "score" else "")


def _numbers(values: Sequence[float | None]) -> list[str]:
    return ["–" if value is None else f"{value:.3f}" for value in values]
