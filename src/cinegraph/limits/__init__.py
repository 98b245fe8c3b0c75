"""
How fast, how often a day and how many at once each source may be asked, in all processes; and what was asked.

May import `db`, `records`, `telemetry`, `clock` and `errors`; imported by `sources` and everyone above. A new source
needs nothing here: its row is made when its first request asks for a slot; a new kind of limit is a module of its own
with its table in a migration.
"""

from cinegraph.limits.budget import RequestBudget
from cinegraph.limits.meter import RequestMeter
from cinegraph.limits.quota import DailyQuota, QuotaGate
from cinegraph.limits.rates import Priority, RateLimit
from cinegraph.limits.slots import RequestSlots

__all__ = [
    "DailyQuota",
    "Priority",
    "QuotaGate",
    "RateLimit",
    "RequestBudget",
    "RequestMeter",
    "RequestSlots",
]
