"""The inverse of `events`: editions as an event's file tells them; pure."""

from collections.abc import Iterable

import yaml

from cinegraph.records.awards import EditionStatement

_WIDTH = 1_000_000
"""A list stands in one line, however long."""

type Lists = dict[str, list[str]]
"""IMDb's ids of titles, of `nominee` and of `winner`."""


def event_body(editions: Iterable[EditionStatement]) -> bytes:
    """Write an event's file, the latest edition first; a winner is a nominee too, and only the films are told."""
    told: dict[str, dict[str, dict[str, Lists]]] = {}
    for edition in sorted(editions, key=lambda one: (-one.year, -one.part)):
        part = f"-{edition.part}" if edition.part > 1 else ""
        awards = told.setdefault(f"{edition.year}{part}", {})
        for nomination in edition.nominations:
            award = nomination.category_class or nomination.category
            lists = awards.setdefault(award, {}).setdefault(
                nomination.category, {"nominee": []}
            )
            ids = [film.imdb_id for film in nomination.films if film.imdb_id]
            lists["nominee"] += ids
            if nomination.is_winner:
                lists.setdefault("winner", []).extend(ids)
    return yaml.safe_dump(
        told, default_flow_style=None, sort_keys=False, allow_unicode=True, width=_WIDTH
    ).encode()
