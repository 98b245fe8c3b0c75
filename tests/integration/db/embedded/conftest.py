"""Homes for embedded servers, and the processes that use them."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import in_memory
from cinegraph.db.embedded import EmbeddedServer, ServerState, inspect, layout
from polling import PATIENCE_SECONDS, eventually

# Uses the server until its standard input ends.
_USER = """
import sys
from pathlib import Path
from cinegraph.db.embedded import EmbeddedServer
home, system_folder = map(Path, sys.argv[1:3])
disposable = sys.argv[3] == "True"
server = EmbeddedServer(home, system_folder=system_folder, disposable=disposable)
with server.acquire() as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@dataclass
class User:
    """Another process that uses the server."""

    process: subprocess.Popen[str]
    url: str = ""

    def wait_until_it_has_the_server(self) -> "User":
        """Return when the process has got its address."""
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        return self

    def leave(self) -> None:
        """Let the process end in good order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_SECONDS) == 0

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)


@dataclass
class Place:
    """One home with its server."""

    home: Path
    system_folder: Path
    users: list[User] = field(default_factory=list)
    disposable: bool = True
    """Most tests need no data afterwards, and a server without syncs is faster."""

    def keep(self) -> None:
        """Let the data outlive the last user, as outside of tests."""
        self.disposable = False

    def server(self) -> EmbeddedServer:
        """Return the server, to be used by this process."""
        return EmbeddedServer(
            self.home, disposable=self.disposable, system_folder=self.system_folder
        )

    def begin_user(self, **environment: str) -> User:
        """Start another process that uses the server."""
        arguments = [str(self.home), str(self.system_folder), str(self.disposable)]
        user = User(
            subprocess.Popen(  # noqa: S603 - this Python and the text above
                [sys.executable, "-c", _USER, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=dict(os.environ) | environment,
            )
        )
        self.users.append(user)
        return user

    def user(self, **environment: str) -> User:
        """Return another process that has the server."""
        return self.begin_user(**environment).wait_until_it_has_the_server()

    @property
    def state(self) -> ServerState:
        """What the server does now."""
        return inspect(self.home, self.system_folder)

    @property
    def base(self) -> Path:
        """The folder with the locks and the data."""
        return layout.locate(self.home, self.system_folder).base

    def processes(self) -> dict[int, str]:
        """Return the server's and the guard's processes: number → command."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    folder = str((entry / "cwd").readlink())
                    if f"{self.base}" in command.decode() or folder.startswith(
                        str(self.base)
                    ):
                        found[int(entry.name)] = command.decode()
        return found

    def guards(self) -> set[int]:
        """Return the guard's process numbers: one, none or, while it starts, two."""
        return {pid for pid, text in self.processes().items() if "guard.py" in text}

    def wait_until_stopped(self) -> None:
        """Return when nothing of the server runs."""
        eventually(lambda: not self.processes(), "the server stops")

    def close(self) -> None:
        """End every process."""
        for user in self.users:
            if user.process.poll() is None:
                user.kill()
            for pipe in (user.process.stdin, user.process.stdout):
                if pipe is not None:
                    pipe.close()
        with suppress(TimeoutError):
            eventually(lambda: not self.processes())
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def place() -> Iterator[Place]:
    """Return a home of its own, without a server yet; afterwards nothing is left."""
    # Not tmp_path: its parents are closed to the server's user, and its names too long.
    folder = Path(tempfile.mkdtemp(prefix="cg-", dir=in_memory.folder_or_temporary()))
    folder.chmod(0o755)
    opened = Place(home=folder / "home", system_folder=folder / "system")
    try:
        yield opened
    finally:
        opened.close()
        shutil.rmtree(folder)


@pytest.fixture
def stranger() -> pwd.struct_passwd:
    """Return a user who is neither us nor the server's; only root can act as him."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    return pwd.getpwnam("nobody")
