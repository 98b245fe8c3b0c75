"""What the lines under fields say: of the API's description, and of the reference pages."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise


@cache
def field_lines(owner: type) -> dict[str, str]:
    """Return the docstring line under each field of a class, its bases included."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        if base.__module__.startswith("cinegraph"):
            found |= dict(_lines_in(base))
    return found


def _lines_in(owner: type) -> Iterator[tuple[str, str]]:
    # An enumeration that is made by a call has no lines.
    body = _classes_in(owner.__module__).get(owner.__qualname__)
    return iter(()) if body is None else _lines_of(body)


@cache
def _classes_in(module: str) -> dict[str, ast.ClassDef]:
    source = inspect.getsource(sys.modules[module])
    return {
        node.name: node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }


def _lines_of(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, line in pairwise(body.body):
        if (
            (name := _field_name(field))
            and isinstance(line, ast.Expr)
            and isinstance(line.value, ast.Constant)
            and isinstance(line.value.value, str)
        ):
            yield name, inspect.cleandoc(line.value.value)


def _field_name(node: ast.stmt) -> str | None:
    match node:
        case (
            ast.AnnAssign(target=ast.Name(id=name))
            | ast.Assign(targets=[ast.Name(id=name)])
        ):
            return name
    return None
