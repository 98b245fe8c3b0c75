"""The command as a person runs it: real processes, an imitation TMDB, a database of their own."""

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cinegraph.cli import boundary, root
from cinegraph.db.embedded import inspect
from cinegraph.db.embedded.layout import locate
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from polling import PATIENCE_SECONDS, eventually

CONTROL_CODES = re.compile(r"\x1b|\r|\x08")
_OURS = ("CINEGRAPH_", "TMDB_", "DATABASE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command says
        """What it wrote, as data."""
        return json.loads(self.out)


@dataclass
class Cli:
    """Runs `cinegraph` with an environment of its own."""

    environment: dict[str, str]
    folder: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(self, *arguments: str, **extra: str) -> Done:
        """Run a command to its end."""
        done = subprocess.run(  # noqa: S603 - our own interpreter and package
            [sys.executable, "-m", "cinegraph", *arguments],
            env=self.environment | extra,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """Start a command that goes on."""
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and package
            [sys.executable, "-m", "cinegraph", *arguments],
            env=self.environment | extra,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def end(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> Done:
        """Send a signal and wait until the process has ended."""
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return Done(process.returncode, out, err)


@dataclass
class Inside:
    """Runs `cinegraph` in this process, where starting costs nothing."""

    environment: dict[str, str]
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, **extra: str) -> Done:
        """Run a command to its end."""
        with self.patch.context() as patch:
            for name in [name for name in os.environ if name.startswith(_OURS)]:
                patch.delenv(name)
            for name, value in (self.environment | extra).items():
                patch.setenv(name, value)
            self.capture.readouterr()
            handlers = logging.getLogger().handlers[:]
            code = boundary.call(root(), arguments)
            logging.getLogger().handlers[:] = handlers
            told = self.capture.readouterr()
        return Done(code, told.out, told.err)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[ChildSandbox]:
    """Return an imitation TMDB without faults, limit or latency."""
    settings = SandboxSettings(port=0, films=500, seed=3, rate=0, latency="none")
    with start_child(settings) as child:
        yield child


@pytest.fixture
def inside(
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Inside:
    """Return the command of `cli` without a process of its own."""
    monkeypatch.chdir(cli.folder)
    return Inside(cli.environment, capsys, monkeypatch)


@pytest.fixture
def bare_inside(
    bare_cli: Cli,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Inside:
    """Return the command of `bare_cli` without a process of its own."""
    monkeypatch.chdir(bare_cli.folder)
    return Inside(bare_cli.environment, capsys, monkeypatch)


@pytest.fixture
def bare_cli(tmp_path: Path) -> Iterator[Cli]:
    """Return the command with an empty home and nothing set."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(_OURS)
    }
    home = tmp_path / "home"
    cli = Cli(kept | {"CINEGRAPH_HOME": str(home)}, tmp_path)
    yield cli
    for process in cli.running:
        if process.poll() is None:
            process.kill()
        process.communicate()
    # Root's data lies outside of the home, and pytest keeps only the latter tidy.
    eventually(lambda: not inspect(home).is_guarded)
    shutil.rmtree(locate(home).base, ignore_errors=True)


@pytest.fixture
def cli(bare_cli: Cli, database_url: str, sandbox: ChildSandbox) -> Cli:
    """Return the command with a migrated database and an imitation TMDB."""
    bare_cli.environment |= {
        "DATABASE_URL": database_url,
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_REQUESTS_PER_SECOND": "0",
        # Tests run beside each other.
        "CINEGRAPH_WEB_PORT": "0",
    }
    return bare_cli
