"""What is written to the log: never a secret, wherever it stands."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from cinegraph import bootstrap, scrubbing

CANARY = "canary0a1b2c3d+4e5f'6g\"7"


class Terminal(io.StringIO):
    """A stderr that may be a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """Say what the test wants."""
        return self._is_terminal


class Talkative:
    """An object whose repr tells a secret."""

    def __repr__(self) -> str:
        return f"Talkative(key={CANARY})"


def _fail() -> None:
    only_a_variable = CANARY
    try:
        _ = {}[only_a_variable]
    except KeyError as error:
        raise RuntimeError(f"https://host/3?x={CANARY}") from error


def _say_exception(log: Callable[..., object]) -> None:
    try:
        _fail()
    except RuntimeError:
        log("it failed")


OURS = structlog.get_logger("cinegraph.test")
THEIRS = logging.getLogger("somebody.else")
PLACES: dict[str, Callable[[], object]] = {
    "event": lambda: OURS.warning(f"asked with {CANARY}"),
    "value": lambda: OURS.warning("asked", url=f"https://host/?q={CANARY}"),
    "nested": lambda: OURS.warning("asked", headers={"x": [{"y": (CANARY,)}]}),
    "key": lambda: OURS.warning("asked", parameters={CANARY: 1}),
    "exception": lambda: OURS.warning("asked", error=ValueError(CANARY)),
    "repr": lambda: OURS.warning("asked", client=Talkative()),
    "bytes": lambda: OURS.warning("asked", body=CANARY.encode()),
    "traceback": lambda: _say_exception(OURS.exception),
    "their message": lambda: THEIRS.warning(f"sent {CANARY}"),
    "their arguments": lambda: THEIRS.warning("sent %s", {"a": CANARY}),
    "their traceback": lambda: _say_exception(THEIRS.exception),
    "unregistered": lambda: OURS.warning("asked", given={"password": "hunter2+" * 2}),
}


@pytest.fixture(params=[True, False], ids=["terminal", "JSON"])
def stderr(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    """Return what is logged from here on, by either renderer."""
    monkeypatch.setattr(scrubbing, "_secrets", set())
    monkeypatch.setattr(scrubbing, "_known", None)
    scrubbing.register(CANARY)
    target = Terminal(is_terminal=request.param)
    monkeypatch.setattr(sys, "stderr", target)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    bootstrap.configure_logging("info")
    yield target
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.reset_defaults()


@pytest.mark.parametrize("place", PLACES)
def test_a_line_shows_no_secret(place: str, stderr: Terminal) -> None:
    """Whatever part of the line holds it, also nested, quoted and in a traceback."""
    PLACES[place]()

    told = stderr.getvalue()
    assert told
    assert "canary" not in told
    assert "hunter2" not in told
    if not stderr.isatty():
        assert all(json.loads(line) for line in told.splitlines())


def test_a_traceback_shows_no_variables(stderr: Terminal) -> None:
    """The line of a frame is told, not what its variables held: no list of secrets is complete."""

    def fail() -> None:
        held = "".join(reversed("elbairav a fo eulav"))
        raise RuntimeError(len(held))

    try:
        fail()
    except RuntimeError:
        OURS.exception("it failed")

    told = stderr.getvalue()
    assert "RuntimeError" in told
    assert "value of a variable" not in told
