"""
The imitation in a process of its own, for benchmarks and the demo.

The child ends when its standard input closes, so it cannot outlive its parent, however
that one dies.
"""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from types import TracebackType
from typing import Any, Self

from cinegraph.clock import ClockSetting
from cinegraph.errors import CinegraphError, ConfigError, UsageError
from cinegraph.sandbox import control
from cinegraph.sandbox.awards.files import EVENTS_PREFIX, TABLE
from cinegraph.sandbox.awards.files import PREFIX as AWARDS_PREFIX
from cinegraph.sandbox.days import tell_clock
from cinegraph.sandbox.downloads import EXPORTS_PREFIX, IMDB_PREFIX
from cinegraph.sandbox.omdb import PREFIX as OMDB_PREFIX
from cinegraph.sandbox.server import SandboxServer, make_content
from cinegraph.sandbox.settings import SandboxSettings

_STOP_SECONDS = 10.0
_LONGEST_LINE = 64 * 1024 * 1024
"""Of a question: the real nominations table is 3 MB in base64."""
_PROGRAM = "from cinegraph.sandbox.child import main; main()"


class ChildSandbox:
    """A running child; `stop` it, or use it as a context."""

    def __init__(self, process: subprocess.Popen[str], base_url: str) -> None:
        self.process = process
        self.base_url = base_url
        root = base_url.rpartition("/")[0]
        self.control_url = f"{root}/_sandbox"
        self.exports_url = root + EXPORTS_PREFIX
        self.omdb_url = root + OMDB_PREFIX
        self.imdb_url = root + IMDB_PREFIX
        self.oscars_url = f"{root}{AWARDS_PREFIX}/{TABLE}"
        self.award_events_url = root + EVENTS_PREFIX

    @property
    def pid(self) -> int:
        """The process whose CPU time is the imitation's."""
        return self.process.pid

    def report(self) -> dict[str, Any]:
        """Return what was served so far, as `GET /_sandbox/report` tells it."""
        return self._ask({"wanted": "report"})

    def change_faults(
        self, shares: Mapping[str, float], *, until_seconds: float | None = None
    ) -> None:
        """Meet other faults from now on (UsageError: there are no such faults)."""
        faults = {"faults": dict(shares), "until_seconds": until_seconds}
        self._ask({"wanted": "faults", "told": faults})

    def change_export_fault(self, name: str | None, day: date | None = None) -> None:
        """Spoil the exports of *day*, or of all, in that way (UsageError: none such)."""
        told = {"fault": name, "day": day and day.isoformat()}
        self._ask({"wanted": "exports", "told": told})

    def change_award_fault(self, name: str | None) -> None:
        """Spoil the files of awards in that way from now on (UsageError: none such)."""
        self._ask({"wanted": "awards", "told": {"fault": name}})

    def change_list_fault(self, name: str | None) -> None:
        """Spoil the lists of users in that way from now on (UsageError: none such)."""
        self._ask({"wanted": "lists", "told": {"fault": name}})

    def replace_award_file(self, name: str, body: bytes | None) -> None:
        """Serve *body* as `oscars.csv` or `ev….yml` from now on; None: the first one again (UsageError: none such)."""
        encoded = None if body is None else base64.b64encode(body).decode()
        self._ask({"wanted": "award-file", "told": {"name": name, "body": encoded}})

    def set_clock(self, setting: ClockSetting) -> None:
        """Let OMDb's days and the exports follow *setting* (UsageError: it cannot be)."""
        self._ask({"wanted": "clock", "told": tell_clock(setting)})

    def clock(self) -> dict[str, Any]:
        """Return the clock, as `GET /_sandbox/clock` tells it."""
        return self._ask({"wanted": "now"})

    def reset(self) -> None:
        """Forget what was served."""
        self._ask({"wanted": "reset", "told": {}})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        # Through the child's own pipes: only clients of upstreams speak HTTP.
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None  # noqa: S101 - for the type checker
        assert stdout is not None  # noqa: S101 - for the type checker
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        if "error" in answer:
            raise UsageError(answer["error"], hint=answer["hint"])
        return answer

    def stop(self) -> None:
        """End the child and wait for it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        """Use the child."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()


def start_child(settings: SandboxSettings) -> ChildSandbox:
    """
    Start an imitation and wait until it answers.

    Raises:
        UsageError: The settings ask for what is not there: a port that is taken, a
            folder without a recording.
        ConfigError: The child ended without saying why.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-c", _PROGRAM, settings.model_dump_json()],
        # Ctrl-C goes to a whole session: the parent decides when the child ends.
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline() if process.stdout else ""
    told = json.loads(line) if line else {}
    if "base_url" in told:
        return ChildSandbox(process, told["base_url"])
    ChildSandbox(process, "").stop()
    if "error" in told:
        raise UsageError(told["error"], hint=told["hint"])
    raise ConfigError(
        f"the sandbox ended at its start with code {process.returncode}",
        hint="Start `cinegraph sandbox` by hand to see what it says.",
    )


async def _serve_until_input_closes(settings: SandboxSettings) -> None:
    """Serve, having told the parent where."""
    content = make_content(settings)
    async with SandboxServer(content, settings) as server:
        sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_LONGEST_LINE)
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := await reader.readline():
            sys.stdout.write(json.dumps(_answer(server, json.loads(line))) + "\n")
            sys.stdout.flush()


def _answer(server: SandboxServer, question: dict[str, Any]) -> dict[str, Any]:
    """Do what the parent asks for over the pipe, or say why it cannot be."""
    match question["wanted"]:
        case "report":
            return server.report()
        case "now":
            return server.clock_told()
    try:
        told = json.dumps(question["told"]).encode()
        return control.do(server, question["wanted"], told)
    except UsageError as error:
        return {"error": str(error), "hint": error.hint}


def main() -> None:
    """Serve the settings given as JSON in the first argument."""
    settings = SandboxSettings.model_validate_json(sys.argv[1])
    try:
        asyncio.run(_serve_until_input_closes(settings))
    except CinegraphError as error:
        sys.stdout.write(json.dumps({"error": str(error), "hint": error.hint}) + "\n")
    except KeyboardInterrupt:
        return
