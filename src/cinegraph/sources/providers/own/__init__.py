"""
A person's own file of nominations: CSV or JSON; nobody is asked.

Imports `cinegraph.sources` and records. `table.py` reads CSV and `document.py` JSON into what `written.py` says is
written, `statements.py` makes statements of it. To add what can be said: a name in `written.py`, and how both read it.
"""

from cinegraph.sources.providers.own.written import SOURCE_NAME
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="Own files of nominations",
    capabilities=frozenset({Capability.AWARDS}),
    settings_type=None,
    upstream_per_second=None,
    attribution="Nominations: from a file of the person who runs this.",
    website="",
)
