"""
IMDb's daily ratings file, datasets.imdbws.com: one download rates every film; opt-in, for non-commercial use.

Imports `cinegraph.sources` and records; imported by bootstrap and jobs. No page of imdb.com is ever asked for. To add
another of its files: a reader beside `rating_lines` and a statement of the catalogue that merges it.
"""

from cinegraph.sources.providers.imdb.settings import SOURCE_NAME, ImdbSettings
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="IMDb non-commercial datasets",
    capabilities=frozenset({Capability.RATINGS}),
    settings_type=ImdbSettings,
    upstream_per_second=None,
    attribution=(
        "Information courtesy of IMDb (https://www.imdb.com). Used with permission."
    ),
    website="https://developer.imdb.com/non-commercial-datasets/",
)
