"""
Cinegraph keeps a complete, fresh copy of the film world in your own PostgreSQL.

Start with `cinegraph.open()`, the Python face of everything the commands do; `ARCHITECTURE.md` draws the packages
below it and who may import whom.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cinegraph.api import Cinegraph, open  # noqa: A004 - `cinegraph.open()` reads as what it does

__all__ = ["Cinegraph", "__version__", "open"]


def __getattr__(name: str) -> object:
    """Import the face only when it is used: `import cinegraph.records` must not pull in the whole."""
    if name in {"Cinegraph", "open"}:
        from cinegraph import api  # noqa: PLC0415 - lazily, see above

        found: object = getattr(api, name)
        return found
    raise AttributeError(f"module 'cinegraph' has no attribute {name!r}")
