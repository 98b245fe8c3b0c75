"""What the pages share: the notice at the top, tables, docstrings, and the lines under a field."""

import inspect
from collections.abc import Iterable, Sequence

from cinegraph.web.machine.describing import field_lines

__all__ = ["NOTICE", "docstring", "document", "field_lines", "paragraphs", "table"]

NOTICE = (
    "<!-- Written by `make docs` from the code; a change made here is overwritten. -->"
)


def document(title: str, *parts: str) -> str:
    """Put a page together."""
    return (
        "\n\n".join([f"# {title}", NOTICE, *(part.strip("\n") for part in parts)])
        + "\n"
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table; a bar inside a cell stays a bar."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def docstring(thing: object) -> str:
    """Return the docstring without its indentation, sections and all; empty where there is none."""
    return inspect.cleandoc(vars(thing).get("__doc__") or "")


def paragraphs(thing: object) -> str:
    """Return the docstring up to its first section (`Args:` …)."""
    kept: list[str] = []
    for part in docstring(thing).split("\n\n"):
        if part.split("\n")[0] in {"Args:", "Raises:", "Returns:", "Attributes:"}:
            break
        kept.append(part)
    return "\n\n".join(kept)
