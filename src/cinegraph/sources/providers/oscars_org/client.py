"""Where the pages are: one an edition of the Academy Awards, called after the year in which it was held."""

from typing import Final

from cinegraph.sources.awards import AskedAwards

ACADEMY_EVENT: Final = "ev0000003"
"""IMDb's id of the Academy Awards."""


def path_of(asked: AskedAwards) -> str | None:
    """Return the path below the address; None: another festival, or no year is asked for."""
    if asked.event_id != ACADEMY_EVENT or asked.year is None:
        return None
    return f"/{asked.year}"
