"""
Files of awards' events, one YAML file an event: IMDb's ids of nominated and winning titles, of any festival.

Imports `cinegraph.sources` and records. `events.py` reads a file into statements; `settings.py` says where they are.
To add what it says beside: a field of `records.awards`, and how it is read here.
"""

from cinegraph.sources.providers.award_events.settings import (
    SOURCE_NAME,
    AwardEventsSettings,
)
from cinegraph.sources.registry import Capability, Source

SOURCE = Source(
    name=SOURCE_NAME,
    title="IMDb-Awards event files",
    capabilities=frozenset({Capability.AWARDS}),
    settings_type=AwardEventsSettings,
    upstream_per_second=None,
    attribution="Awards' events: Kometa-Team/IMDb-Awards, MIT.",
    website="https://github.com/Kometa-Team/IMDb-Awards",
)
