"""Which job each schedule of `cinegraph.sync.schedule` makes; importing this registers their workers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from oban import Job

from cinegraph.jobs import (
    burying,
    catalogue,
    changes,
    cultural_lists,
    enrichment,
    following_awards,
    lists,
    routine,
)

SCHEDULED: Mapping[str, Callable[[], Job]] = MappingProxyType(
    {
        **burying.SCHEDULED,
        **catalogue.SCHEDULED,
        **changes.SCHEDULED,
        **cultural_lists.SCHEDULED,
        **enrichment.SCHEDULED,
        **following_awards.SCHEDULED,
        **lists.SCHEDULED,
        **routine.SCHEDULED,
    }
)
"""By name of the schedule, what makes its job."""
