"""`cinegraph enrich recommendations` and the films shown by `cinegraph movie ID --recommendations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console, session
from cinegraph.enrichment.recommendations.ratings import LEAST_LIKED, LENGTH

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from cinegraph.enrichment.recommendations.browse import Recommendations
    from cinegraph.enrichment.recommendations.evaluating import Evaluation


async def evaluate(path: Path, *, json: bool) -> None:
    """Measure the stored recommendations by ratings that users gave, and show the result."""
    async with session.connect(reads=True) as c:
        found = await c.evaluate_recommendations(path)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(*_measured(found))


def tell(found: Recommendations) -> list[RenderableType]:
    """Return what is recommended for a film, in words."""
    parts: list[RenderableType] = [Text("")]
    if not found.recommendations:
        why = found.impossible or "none of them may be shown"
        parts.append(Text(f"No recommendations: {why}."))
    else:
        parts += [Text("recommended", style="bold"), _table(found)]
    if found.tmdb:
        names = [one.title or f"TMDb {one.tmdb_id}" for one in found.tmdb]
        parts += [Text(""), Text(f"TMDB recommends: {', '.join(names)}", style="dim")]
    return parts


def _table(found: Recommendations) -> RenderableType:
    table = console.make_table(
        ("film", {"overflow": "fold"}), "TMDb>", "score>", ("why", {"overflow": "fold"})
    )
    for one in found.recommendations:
        year = f" ({one.year})" if one.year else ""
        table.add_row(
            Text(f"{one.title}{year}"),
            str(one.tmdb_id or "–"),
            f"{one.score:.2f}",
            Text(one.why),
        )
    return table


def _measured(found: Evaluation) -> list[RenderableType]:
    table = console.make_table(
        ("method", {"overflow": "fold"}),
        f"recall@{LENGTH}>",
        "ours ahead by>",
        "coverage>",
    )
    for one in found.methods:
        table.add_row(
            one.name,
            _within(one.recall, one.low, one.high),
            _within(one.ahead, one.ahead_low, one.ahead_high, sign="+"),
            f"{one.coverage:.2%}",
        )
    return [table, Text(""), *(Text(line, style="dim") for line in _notes(found))]


def _within(
    value: float | None, low: float | None, high: float | None, *, sign: str = ""
) -> str:
    """Return a figure and between which it lies with 95 % confidence."""
    if value is None or low is None or high is None:
        return "–"
    return f"{value:{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def _notes(found: Evaluation) -> list[str]:
    counted = (
        f"{words.count(found.users, 'user')}, {words.count(found.ratings, 'rating')};"
        f" liked from {found.liked_from:g} on; a fifth of what each likes was held out;"
        f" {words.count(found.films, 'film')} may be recommended."
    )
    left_out = (
        f"{words.count(found.ratings_not_stored, 'rating')} of films that are not stored;"
        f" {words.count(found.users_left_out, 'user')} with fewer than {LEAST_LIKED}"
        f" liked films were left out."
    )
    notes = [counted, left_out]
    if found.rows_without_film:
        notes.append(f"{words.count(found.rows_without_film, 'row')} without a film.")
    return notes
