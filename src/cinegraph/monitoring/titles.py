"""What a run imports, in words: the same on every screen."""

from collections.abc import Mapping
from typing import Any

from cinegraph.monitoring.progress import RunProgress

_TITLES = {
    "import_popular": "popular films",
    "import_top_rated": "top rated films",
    "import_now_playing": "films in cinemas",
    "import_upcoming": "films to come",
    "import_trending": "trending films",
    "import_catalog": "the whole catalogue",
    "import_new": "new films",
    "import_movies": "films by name",
    "rebuild": "rows from documents",
}

_UPDATES = {
    "update_recent": "update of recent films",
    "update_popular": "update of popular films",
    "update_stale": "update of stale films",
}


def title_of(run: RunProgress) -> str:
    """Return what a run imports, in words."""
    if "start_id" in run.arguments:
        return f"ids {run.arguments['start_id']}-{run.arguments.get('end_id')}"
    if run.kind in _UPDATES:
        named = ", ".join(run.arguments.get("fields", ()))
        return f"{_UPDATES[run.kind]} ({named})"
    if run.kind == "import_festival":
        return _awards_title(run.arguments)
    if run.kind == "enrich":
        which = "all films" if run.arguments.get("scope") == "all" else "films due"
        return f"{run.arguments.get('enrichment', '?')} of {which}"
    if "limit" in run.arguments:
        return f"the {run.arguments['limit']:,} most popular films"
    return _TITLES.get(run.kind, run.kind.replace("_", " "))


def _awards_title(arguments: Mapping[str, Any]) -> str:
    """Say which editions of which festival."""
    if "year" in arguments:
        which = str(arguments["year"])
    elif "edition" in arguments:
        which = f"edition {arguments['edition']}"
    elif "newest" in arguments.get("options", {}):
        which = "newest awards"
    else:
        which = "awards"
    return f"{arguments.get('organization', 'festival')} {which}"
