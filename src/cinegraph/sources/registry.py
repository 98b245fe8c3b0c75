"""Every source there is, found by walking `providers/`: a new folder is enough."""

import importlib
import pkgutil
from enum import StrEnum
from functools import cache

import msgspec

from cinegraph.sources import providers
from cinegraph.sources.settings import UpstreamSettings


class Capability(StrEnum):
    """What a source can be asked for."""

    MOVIES = "movies"
    LISTS = "lists"
    FIND = "find"
    CONFIGURATION = "configuration"
    RATINGS = "ratings"
    """Of films that another source names, by their IMDb id."""
    AWARDS = "awards"
    """Editions of festivals, and what was nominated there."""


class Source(msgspec.Struct, frozen=True):
    """One upstream, or a person's own files, as its folder describes it."""

    name: str
    """In tables, errors and commands; equal to its folder's name and its settings' `source`."""
    title: str
    """For people."""
    capabilities: frozenset[Capability]
    settings_type: type[UpstreamSettings] | None
    """None: nobody is ever asked, a person gives its files."""
    upstream_per_second: float | None
    """What the upstream allows; our own rate stays under 80 % of it. None: it does not say."""
    attribution: str
    """What must be shown wherever its data is."""
    website: str
    """Empty where it has none."""


@cache
def list_sources() -> tuple[Source, ...]:
    """Every source, by name."""
    found = []
    for module in pkgutil.iter_modules(providers.__path__):
        package = importlib.import_module(f"{providers.__name__}.{module.name}")
        found.append(package.SOURCE)
    return tuple(sorted(found, key=lambda source: source.name))
