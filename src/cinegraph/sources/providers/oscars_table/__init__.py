"""
The nominations table of the Academy Awards: all ceremonies with IMDb's ids of films and people, in one file.

Imports `cinegraph.sources` and records. `table.py` reads the file into statements; `settings.py` says where it is.
To add what it says beside: a field of `records.awards`, and how it is read here.
"""

from cinegraph.sources.providers.oscars_table.settings import (
    SOURCE_NAME,
    OscarsTableSettings,
)
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="Academy Awards nominations table",
    capabilities=frozenset({Capability.AWARDS}),
    settings_type=OscarsTableSettings,
    upstream_per_second=None,
    attribution="Nominations of the Academy Awards: DLu/oscar_data, BSD-2-Clause.",
    website="https://github.com/DLu/oscar_data",
)
