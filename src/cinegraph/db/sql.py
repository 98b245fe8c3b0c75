"""SQL from files, in the `sql/` folder of the package that owns the rows."""

from functools import cache
from importlib.resources import files
from typing import LiteralString


@cache
def load(package: str, name: str) -> LiteralString:
    """
    Return the statement in `sql/<name>` of *package*, read once a process.

    Args:
        package: Dotted name of the owner, for example `cinegraph.catalog`.
        name: File name with its suffix, for example `upsert_movie.sql`.

    Raises:
        FileNotFoundError: The package has no such file.
    """
    # A file shipped inside the package is as fixed as a literal in its source.
    return files(package).joinpath("sql", name).read_text(encoding="utf-8")
