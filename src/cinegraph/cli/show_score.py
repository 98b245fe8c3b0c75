"""A film's cultural relevance for people: each term with its facts and points, which sum up to the score."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec
from rich.padding import Padding
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from cinegraph.enrichment.cri.explaining import Explanation, Term

_EXPLAINED = (
    "A weight is the part of the formula that counts here, none where nothing is known;"
    " the confidence is how far all that is known can be believed."
)


def tell(found: Explanation | None) -> dict[str, Any] | None:
    """Return an explanation for programs."""
    if found is None:
        return None
    told: dict[str, Any] = msgspec.to_builtins(found)
    return told | {"is_stored": found.is_stored}


def draw(found: Explanation) -> list[RenderableType]:
    """Return an explanation as a headline and a table."""
    if found.score is None:
        return [
            Text(""),
            Text(f"no cultural relevance: {found.impossible}", style="bold"),
        ]
    head = Text.assemble(
        "cultural relevance ",
        (f"{found.score:.2f}", "bold"),
        f" of 100, confidence {100 * found.confidence:.0f} % (version {found.version})",
    )
    return [
        Text(""),
        head,
        *_stored(found),
        Text(_EXPLAINED, style="dim"),
        Text(""),
        _table(found),
    ]


def _stored(found: Explanation) -> list[RenderableType]:
    if found.is_stored:
        return []
    if found.computed_at is None:
        return [Text("not stored yet: this is what it would be", style="dim")]
    stored = "none" if found.stored_score is None else f"{found.stored_score:.2f}"
    return [
        Text(
            f"stored is {stored}, of {words.moment(found.computed_at)}: facts have changed since",
            style="dim",
        )
    ]


def _table(found: Explanation) -> Table:
    table = console.make_table(
        ("what counts", {"overflow": "fold"}),
        "evidence>",
        "weight>",
        "points>",
    )
    for dimension, terms in groupby(found.terms, key=lambda term: term.dimension):
        shown = list(terms)
        value = found.dimensions[dimension]
        table.add_row(
            Text(words.DIMENSIONS[dimension], style="bold"),
            "" if value is None else f"{value / 100:.2f}",
            f"{sum(_counting(term) for term in shown):.3f}",
            Text(f"{sum(term.points for term in shown):.2f}", style="bold"),
        )
        for term in shown:
            table.add_row(*_row(term))
    table.add_row(
        Text("in all", style="bold"),
        "",
        f"{sum(_counting(term) for term in found.terms):.3f}",
        Text(f"{found.score:.2f}", style="bold"),
    )
    return table


def _row(term: Term) -> tuple[Padding, str, str, str]:
    fact = Text.assemble((term.term, "italic"), f": {term.fact}")
    indented = Padding(fact, (0, 0, 0, 2))
    if not term.share:
        fact.stylize("dim")
        return indented, "–", "–", "–"
    return indented, f"{term.value:.2f}", f"{_counting(term):.3f}", f"{term.points:.2f}"


def _counting(term: Term) -> float:
    """Return how much of a term's weight counts."""
    return term.weight * term.share
