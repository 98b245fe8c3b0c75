"""
How fast each source may be asked: request budgets shared by every process, and what was asked, counted by minute.

May import `db`, `records`, `telemetry`, `clock` and `errors`; imported by `sources` and everyone above. A new source
needs nothing here: its row is made when its first request asks for a slot; a new kind of limit (a quota a day) is a
module of its own with its table in a migration.
"""

from cinegraph.limits.budget import RequestBudget
from cinegraph.limits.meter import RequestMeter
from cinegraph.limits.rates import Priority, RateLimit

__all__ = ["Priority", "RateLimit", "RequestBudget", "RequestMeter"]
