"""Where the files are: one a festival, called after IMDb's id of it."""

from cinegraph.sources.awards import AskedAwards


def path_of(asked: AskedAwards) -> str | None:
    """Return the path below the folder; None: the festival has no id at IMDb."""
    return None if asked.event_id is None else f"/{asked.event_id}.yml"
