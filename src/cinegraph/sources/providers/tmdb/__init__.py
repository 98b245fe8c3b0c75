"""
TMDB, themoviedb.org: whole films, lists of films, ids by IMDb id, configuration.

Imports `cinegraph.sources` and records; imported by bootstrap and jobs. To add an
endpoint: a payload, a decoder, a method of the client, and a row in the table of
recorded bodies under `tests/providers/tmdb/`.
"""

from cinegraph.sources.providers.tmdb.payloads import SOURCE_NAME
from cinegraph.sources.providers.tmdb.settings import UPSTREAM_PER_SECOND, TmdbSettings
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="The Movie Database",
    capabilities=frozenset(Capability) - {Capability.RATINGS},
    settings_type=TmdbSettings,
    upstream_per_second=UPSTREAM_PER_SECOND,
    attribution=(
        "This product uses TMDB and the TMDB APIs but is not endorsed, certified, or "
        "otherwise approved by TMDB. Watch providers: JustWatch."
    ),
    website="https://www.themoviedb.org",
)
