"""
OMDb, omdbapi.com: ratings of several houses and a few facts of a title, by its IMDb id.

Imports `cinegraph.sources` and records; imported by bootstrap and jobs. To add a fact: a field of the payload and a
line in `transform`; a new wording of awards goes into the table of `tests/providers/omdb/test_awards.py`.
"""

from cinegraph.sources.providers.omdb.payloads import SOURCE_NAME
from cinegraph.sources.providers.omdb.settings import OmdbSettings
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="The Open Movie Database",
    capabilities=frozenset({Capability.RATINGS}),
    settings_type=OmdbSettings,
    upstream_per_second=None,
    attribution="Ratings and facts: OMDb API (omdbapi.com), CC BY-NC 4.0.",
    website="https://www.omdbapi.com",
)
