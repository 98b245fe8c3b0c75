"""
The heartbeat: once a second and in one round trip, everything a node must say and know to be trusted.

It says that its producers live, stands for election, reads how its queues should run, sends its listener an echo and
looks for zombies. On a connection of its own, until the last running job has ended.
"""

import asyncio
import os
import socket
from collections.abc import Mapping

import msgspec
import structlog
from oban._producer import Producer

from cinegraph.db.sql import load
from cinegraph.jobs.engine import control
from cinegraph.jobs.engine.audit import Attempt, Audit, giving_back, report
from cinegraph.jobs.engine.leader import Leadership, steady_seconds
from cinegraph.jobs.engine.line import Line, Rows, Statement
from cinegraph.jobs.engine.listener import Listener
from cinegraph.jobs.settings import EngineSettings

_OWNER = "cinegraph.jobs.engine"
_SILENT_SECONDS = 60.0  # a dead node's last heartbeat is kept that long for `doctor`
_CLEANUP_TICKS = 30
_log = structlog.get_logger(__name__)


class Pulse:
    """The heartbeat of one node."""

    def __init__(
        self,
        *,
        line: Line,
        leadership: Leadership,
        listener: Listener,
        producers: Mapping[str, Producer],
        queues: Mapping[str, int],
        settings: EngineSettings,
        facts: Mapping[str, object],
    ) -> None:
        self._line = line
        self._leadership = leadership
        self._listener = listener
        self._producers = producers
        self._queues = queues
        self._settings = settings
        self._facts = {**facts, "host": socket.gethostname(), "pid": os.getpid()}
        self._audit = Audit()
        self._echo = f"echo_{os.urandom(6).hex()}"
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ticks = 0

    async def start(self) -> None:
        """Listen for the echo and beat once, so that the node is known before its first job; then keep beating."""
        await self._listener.listen(self._echo, self._listener.heard, wait=False)
        await self._listener.listen(
            control.SETTINGS_CHANNEL, self._on_settings, wait=False
        )
        await self.beat()
        self._task = asyncio.create_task(self._loop(), name="cinegraph-pulse")

    async def stop(self) -> None:
        """Stop beating, give back what never ended, and take the node's rows away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._leave()
        except Exception as error:  # noqa: BLE001 - others take over after the grace in any case
            _log.warning("the node could not say goodbye", error=repr(error))
        await self._line.close()

    async def beat(self) -> None:
        """Do one round: say, ask, and act on the answers."""
        asked_at = steady_seconds()
        questions = self._questions()
        try:
            answers = await self._line.run_all(list(questions.values()))
        except Exception:
            self._leadership.lose()
            raise
        found = dict(zip(questions, answers, strict=True))
        if "election" in found:
            self._leadership.elected(found["election"], asked_at=asked_at)
        await self._give_back(
            self._audit.review(self._producers.values(), found["executing"])
        )
        await control.follow(
            self._producers, control.wanted(self._queues, found["settings"])
        )
        self._check_listener()

    def _questions(self) -> dict[str, Statement]:
        self._ticks += 1
        questions: dict[str, Statement] = {
            "epoch": (load(_OWNER, "mark_epoch.sql"), {}),
            "beat": (load(_OWNER, "beat.sql"), {"beats": self._beats()}),
            "settings": (load(_OWNER, "read_settings.sql"), {}),
            "executing": self._audit.question(self._producers.values()),
            "echo": (
                load(_OWNER, "echo.sql"),
                {"channel": f"public.oban_{self._echo}", "payload": "{}"},
            ),
        }
        if self._leadership.is_enabled:
            questions["election"] = self._leadership.election()
        if self._leadership.is_leader and self._ticks % _CLEANUP_TICKS == 0:
            questions["cleanup"] = self._forgetting([], _SILENT_SECONDS)
        return questions

    def _beats(self) -> str:
        beats = [
            {
                "uuid": producer._uuid,
                "name": producer._name,
                "node": producer._node,
                "queue": queue,
                "meta": {
                    **self._facts,
                    "local_limit": producer._limit,
                    "paused": producer._paused,
                    "running": len(producer._running_jobs),
                    "stopping": producer._stopping.is_set(),
                    "listener_silent_seconds": round(self._listener.silent_seconds, 1),
                    "listener_rebuilt": self._listener.rebuilt,
                },
            }
            for queue, producer in self._producers.items()
        ]
        return msgspec.json.encode(beats).decode()

    def _forgetting(self, uuids: list[str], silent: float | None) -> Statement:
        statement = load(_OWNER, "forget_producers.sql")
        return statement, {"uuids": uuids, "silent": silent}

    async def _give_back(self, zombies: list[Attempt]) -> None:
        if zombies:
            rows = await self._line.run(*giving_back(zombies))
            report(rows, reason="this node does not run them")

    def _check_listener(self) -> None:
        silent = self._listener.silent_seconds
        if silent > self._settings.listener_grace.total_seconds():
            self._listener.rebuild(f"no echo for {silent:.1f} s")

    async def _leave(self) -> None:
        uuids = [producer._uuid for producer in self._producers.values()]
        held = await self._line.run(*self._audit.question(self._producers.values()))
        rows: Rows = await self._line.run(
            *giving_back((row[0], row[1]) for row in held)
        )
        report(rows, reason="this node stops")
        await self._line.run(*self._forgetting(uuids, None))
        await self._line.run(*self._leadership.resignation())

    async def _on_settings(self, _channel: str, _payload: dict[str, object]) -> None:
        self._hurry.set()

    async def _loop(self) -> None:
        interval = self._settings.beat_interval.total_seconds()
        while True:
            try:
                async with asyncio.timeout(interval):
                    await self._hurry.wait()
            except TimeoutError:
                pass
            self._hurry.clear()
            try:
                await self.beat()
            except Exception as error:  # noqa: BLE001 - the next beat tries again
                _log.warning("no heartbeat", error=repr(error))
