"""
Files of cultural lists at addresses that the user names: CSV or JSON, any server.

Imports `cinegraph.sources` and records; imported by bootstrap and jobs. What a file says is read by
`cinegraph.enrichment.lists`; here it is only brought home. To add a place: nothing, the user names it.
"""

from cinegraph.sources.providers.list_files.settings import (
    SOURCE_NAME,
    ListFilesSettings,
)
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="Files of lists",
    capabilities=frozenset({Capability.LISTS}),
    settings_type=ListFilesSettings,
    upstream_per_second=None,
    attribution="Lists: as whoever publishes the file asks for.",
    website="",
)
