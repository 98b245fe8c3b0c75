"""The demo's own home, imitation and workers; all gone when it ends, however it ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinegraph import settings
from cinegraph.db.embedded import inspect
from cinegraph.errors import CinegraphError
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.settings import Settings

CEREMONY = 2026
"""The newest that the imitation has a nominations table of."""
FILMS = 200_000
SEED = 3
RATE = 50
OMDB_LIMIT = 300
"""A day; at one in flight the background's share of it takes about as long as the films."""
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05


class WorkerDiedError(CinegraphError):
    """A worker of the demo ended on its own."""

    code = "worker_died"


class Worker:
    """A child process that runs `cinegraph work`; ends when our end of its input closes."""

    def __init__(self, number: int, environment: dict[str, str], home: Path) -> None:
        self.number = number
        # Unlinked already: gone with the last process that has it open.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cinegraph", "work", "--until-stdin-closes"],
            env=environment,
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            # Ctrl-C goes to a whole session: the demo decides when its workers end.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def require_alive(self) -> None:
        """Refuse to go on without it (WorkerDiedError)."""
        if self._process.poll() is not None:
            self._log.seek(0)
            lines = self._log.read().decode(errors="replace").strip().splitlines()
            raise WorkerDiedError(
                f"worker {self.number} ended: {(lines or ['it said nothing'])[-1]}",
                hint="Run `cinegraph doctor`; report this if it finds nothing.",
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def ask_to_stop(self) -> None:
        """Let it finish what it does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it, gently at first."""
        self.ask_to_stop()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._log.close()


@contextmanager
def own_home(*, keep: bool) -> Iterator[Path]:
    """Give an empty home that nobody else uses, and nothing of the user's settings."""
    settings.forget_environment()
    home = Path(tempfile.mkdtemp(prefix="cinegraph-demo-"))
    before = Path.cwd()
    # Away from a cinegraph.toml of the user's.
    os.chdir(home)
    try:
        yield home
    finally:
        os.chdir(before)
        if not keep:
            _remove(home)


def _remove(home: Path) -> None:
    """Wait until the database's guard has cleared away its part, then remove the rest."""
    deadline = time.monotonic() + _STOP_SECONDS
    while home.exists() and time.monotonic() < deadline:
        if not inspect(home).is_guarded:
            break
        time.sleep(_POLL_SECONDS)
    shutil.rmtree(home, ignore_errors=True)


def open_sandbox() -> ChildSandbox:
    """Start the imitation: TMDB's limit and its latency."""
    return start_child(
        SandboxSettings(
            port=0, omdb_limit=OMDB_LIMIT, films=FILMS, seed=SEED, rate=RATE
        )
    )


def worker_environment(told: Settings, url: str) -> dict[str, str]:
    """Return what a worker has to know; the demo itself keeps the database running."""
    environment = settings.process_environment(told)
    return {**environment, "DATABASE_URL": url, "CINEGRAPH_LOG_LEVEL": "warning"}
