"""The demo's own home, imitation and workers; all gone when it ends, however it ends."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinegraph import settings
from cinegraph.db.embedded import inspect
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
