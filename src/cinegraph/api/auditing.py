"""What people did through the dashboard or its API."""

from collections.abc import Mapping
from typing import Any

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.monitoring import operator_actions
from cinegraph.monitoring.operator_actions import OperatorAction


class Auditing(Connection):
    """Writing the audit log, and reading it."""

    async def note_action(
        self,
        action: str,
        *,
        who: str,
        role: str,
        arguments: Mapping[str, Any],
        outcome: str,
        things: int = 1,
        error_code: str | None = None,
    ) -> None:
        """Write down what somebody did, or was refused; secrets are taken out."""
        async with self._transaction() as conn:
            await operator_actions.note(
                conn,
                at=clock.real_now(),
                who=who,
                role=role,
                action=action,
                arguments=arguments,
                things=things,
                outcome=outcome,
                error_code=error_code,
            )

    async def list_actions(
        self,
        *,
        action: str | None = None,
        who: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[OperatorAction]:
        """Return what people did, the latest first; *before* is the last id of the page before."""
        async with self._app.pool.connection() as conn:
            return await operator_actions.list_actions(
                conn, action=action, who=who, before=before, limit=limit
            )
