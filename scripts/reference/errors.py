"""`errors.md`: every error, its code, what a job does about it."""

import importlib
import pkgutil
from collections.abc import Iterator

import cinegraph
from cinegraph import errors
from cinegraph.errors import CinegraphError, Disposition
from reference.writing import docstring, document, field_lines, paragraphs, table


def page() -> str:
    """Return the page."""
    return document(
        "Errors",
        "What Cinegraph raises on purpose. A command prints message and hint and exits with 2 for a wrong use or"
        " setting, with 1 otherwise; a job does what the disposition says. `code` is what the tables store.",
        table(
            ["Error", "Code", "A job", "Means"],
            [_row(error) for error in _list_errors()],
        ),
        "## What a job does",
        table(["Disposition", "Meaning"], _dispositions()),
        "## The tree",
        docstring(errors).split("\n\n")[1],
    )


def _list_errors() -> list[type[CinegraphError]]:
    # Leaves that a package keeps beside its code are found too, once the package is imported.
    for module in pkgutil.walk_packages(cinegraph.__path__, "cinegraph."):
        if not module.name.startswith("cinegraph.db.migrations"):
            importlib.import_module(module.name)
    return list(_below(CinegraphError))


def _below(error: type[CinegraphError]) -> Iterator[type[CinegraphError]]:
    yield error
    # By name: the order in which modules happen to be imported is no order.
    for child in sorted(error.__subclasses__(), key=lambda each: each.__name__):
        yield from _below(child)


def _row(error: type[CinegraphError]) -> list[str]:
    depth = len(error.__mro__) - len(CinegraphError.__mro__)
    name = "· " * depth + f"`{error.__name__}`"
    return [name, f"`{error.code}`", error.disposition.name, paragraphs(error)]


def _dispositions() -> list[list[str]]:
    meanings = field_lines(Disposition)
    return [[each.name, meanings[each.name]] for each in Disposition]
