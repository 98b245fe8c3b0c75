"""Our own commands as child processes: a worker, the dashboard. They end when their standard input closes."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cinegraph.errors import CinegraphError

_STOP_SECONDS = 20.0


class ChildEndedError(CinegraphError):
    """A process that we started ended on its own."""

    code = "child_ended"


class Child:
    """
    A process that runs `cinegraph COMMAND`; however its parent ends, its input closes and it ends too.

    Args:
        name: As people are told: `worker 1`.
        command: And its options.
        environment: All of it; secrets go this way, never by argv.
        folder: Where it runs.
        is_quiet: Keep what it logs to tell it when it ends, instead of letting it through.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        is_quiet: bool = True,
    ) -> None:
        self.name = name
        # Unlinked already: gone with the last process that has it open.
        self._log = tempfile.TemporaryFile() if is_quiet else None  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and package
            [sys.executable, "-m", "cinegraph", *command, "--until-stdin-closes"],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            # Ctrl-C goes to a whole session: the parent decides when its children end.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self._process.poll() is not None

    def read_line(self) -> str:
        """
        Wait for a line of its output, such as the address it serves at.

        Raises:
            ChildEndedError: It ended without one.
        """
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        line = self._process.stdout.readline().decode(errors="replace").strip()
        if not line:
            self._process.wait(_STOP_SECONDS)
            self.require_alive()
        return line

    def require_alive(self) -> None:
        """Refuse to go on without it (ChildEndedError)."""
        if not self.has_ended:
            return
        lines = self._said()
        raise ChildEndedError(
            f"{self.name} ended: {lines[0] if lines else 'it said nothing'}",
            hint=next(
                (line.removeprefix("hint: ") for line in lines if line[:6] == "hint: "),
                "Run `cinegraph doctor`; report this if it finds nothing.",
            ),
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def ask_to_stop(self) -> None:
        """Let it finish what it does."""
        if not self.has_ended:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it, gently at first."""
        self.ask_to_stop()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if self._log is not None:
            self._log.close()

    def _said(self) -> list[str]:
        """Return what it logged, its error first."""
        if self._log is None:
            return ["it said why above"]
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        errors = [line for line in lines if line.startswith("error: ")]
        last = errors[-1:] or lines[-1:]
        return [line.removeprefix("error: ") for line in last] + lines[-1:]


def start_worker(number: int, environment: Mapping[str, str], folder: Path) -> Child:
    """Start a worker node."""
    return Child(f"worker {number}", ["work"], environment, folder)


def start_dashboard(
    environment: Mapping[str, str],
    folder: Path,
    *,
    port: int | None = None,
    is_quiet: bool = True,
) -> Child:
    """Start the dashboard; its first line of output is its address."""
    options = [] if port is None else ["--port", str(port)]
    return Child(
        "the dashboard", ["web", *options], environment, folder, is_quiet=is_quiet
    )
