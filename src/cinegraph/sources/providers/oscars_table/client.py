"""Where the table is: one file for all editions of the Academy Awards, and of nothing else."""

from typing import Final

from cinegraph.sources.awards import AskedAwards

ACADEMY_EVENT: Final = "ev0000003"
"""IMDb's id of the Academy Awards."""


def path_of(asked: AskedAwards) -> str | None:
    """Return the path below the address, which is the table itself; None: the festival is another."""
    return "" if asked.event_id == ACADEMY_EVENT else None
