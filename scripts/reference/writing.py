"""What the pages share: the notice at the top, tables, docstrings, and the lines under a field."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

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


@cache
def field_lines(owner: type) -> dict[str, str]:
    """Return the docstring line under each field of a class, its bases included."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        if base.__module__.startswith("cinegraph"):
            found |= _lines_in(base)
    return found


def _lines_in(owner: type) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    return {
        name: inspect.cleandoc(line.value.value)
        for field, line in pairwise(body)
        if (name := _field_name(field))
        and isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    }


def _field_name(node: ast.stmt) -> str | None:
    match node:
        case (
            ast.AnnAssign(target=ast.Name(id=name))
            | ast.Assign(targets=[ast.Name(id=name)])
        ):
            return name
    return None
