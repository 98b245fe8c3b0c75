"""
Pages of ceremonies at oscars.org: a saved file, or one polite request where that is switched on.

Imports `cinegraph.sources` and records. `page.py` reads a page into statements; `settings.py` says where they are.
To add what it says beside: a field of `records.awards`, and how it is read here.
"""

from cinegraph.sources.providers.oscars_org.settings import (
    SOURCE_NAME,
    OscarsOrgSettings,
)
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="oscars.org",
    capabilities=frozenset({Capability.AWARDS}),
    settings_type=OscarsOrgSettings,
    upstream_per_second=None,
    attribution="Nominations and winners: the Academy of Motion Picture Arts and Sciences, oscars.org.",
    website="https://www.oscars.org/oscars/ceremonies",
)
