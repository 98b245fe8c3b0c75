"""Readings that pages and programs share: whoever asks first pays for the others."""

from typing import Literal

from cinegraph.limits.browse import BudgetState
from cinegraph.limits.quota_state import QuotaState
from cinegraph.monitoring.alerts import Alert
from cinegraph.monitoring.insights import Status
from cinegraph.monitoring.levels import ServiceLevels
from cinegraph.monitoring.samples import Samples
from cinegraph.web.readings import Reading

type WindowName = Literal["1h", "6h", "24h", "7d"]
"""How far back a chart looks."""
_KEPT_SECONDS = 10.0
"""A sample comes once a minute."""

STATUS: Reading[Status] = Reading("status", 2.0, lambda c: c.get_sync_status())
LEVELS: Reading[ServiceLevels] = Reading(
    "levels", 10.0, lambda c: c.get_service_levels()
)
BUDGETS: Reading[list[BudgetState]] = Reading(
    "budgets", 1.0, lambda c: c.list_budgets()
)
QUOTAS: Reading[list[QuotaState]] = Reading("quotas", 5.0, lambda c: c.list_quotas())
ALERTS: Reading[list[Alert]] = Reading("alerts", 2.0, lambda c: c.list_alerts())


def samples_of(window: WindowName) -> Reading[Samples]:
    """Return the reading of one window."""
    return Reading("samples", _KEPT_SECONDS, lambda c: c.list_samples(window), window)
