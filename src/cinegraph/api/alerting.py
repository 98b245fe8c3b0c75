"""Alerts as people deal with them: what is over, silences, who was told."""

from datetime import timedelta

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.errors import ConfigError
from cinegraph.monitoring import alerts, notices, silences
from cinegraph.monitoring.notices import Text


class Alerting(Connection):
    """Looking back at alerts, silencing them, testing whether they reach anybody."""

    async def list_closed_alerts(
        self, *, kind: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[alerts.Alert]:
        """Return alerts that are over, opened last first; *before* is the last id of the page before."""
        async with self._app.pool.connection() as conn:
            return await alerts.list_closed(conn, kind=kind, before=before, limit=limit)

    async def list_silences(self) -> list[silences.Silence]:
        """Return the silences that last, the one that ends first first."""
        async with self._app.pool.connection() as conn:
            return await silences.list_lasting(conn, real_now=clock.real_now())

    async def silence_alerts(
        self, kind: str, *, hours: float, subject: str | None = None, who: str = "api"
    ) -> silences.Silence:
        """
        Let alerts be silent for some hours of real time: they stay listed; no banner and no message tells of them.

        Args:
            kind: The name of a rule.
            hours: Up to 720.
            subject: What they are about; None: everything of the kind.
            who: Shown beside.

        Raises:
            UsageError: There is no such rule, or nothing can be silent for so long.
        """
        async with self._transaction() as conn:
            return await silences.add(
                conn,
                kind=kind,
                subject=subject,
                lasts=timedelta(hours=hours),
                who=who,
                real_now=clock.real_now(),
            )

    async def end_silence(self, silence_id: int) -> bool:
        """Let alerts be told again; False: that silence was over, or there is none."""
        async with self._transaction() as conn:
            return await silences.end(conn, silence_id, real_now=clock.real_now())

    def list_alert_targets(self) -> list[str]:
        """Return the kinds of addresses that this process knows of, never an address; empty: nobody is told."""
        return [target.name for target in self.settings.alert_targets]

    async def send_test_message(self, *, who: str = "api") -> int:
        """
        Let the leading node send a test message to each address; return how many. See `list_alert_messages`.

        Raises:
            ConfigError: No address is set.
        """
        targets = self.settings.alert_targets
        if not targets:
            raise ConfigError(
                "there is no address to send a message to",
                hint="Set CINEGRAPH_ALERT_URLS, here and at the workers; the forms: https://appriseit.com/services/",
            )
        text = Text(
            "Cinegraph: a test message",
            f"Alerts reach you here. Asked for by {who}.",
        )
        async with self._transaction() as conn:
            return await notices.add(
                conn, targets, text, is_test=True, real_now=clock.real_now()
            )

    async def list_alert_messages(self, *, limit: int = 20) -> list[notices.Message]:
        """Return what became of the last messages about alerts, the latest first."""
        async with self._app.pool.connection() as conn:
            return await notices.list_messages(conn, limit=limit)
