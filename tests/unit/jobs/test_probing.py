"""Asking halted sources: patiently, quietly, and never in anybody's way."""

import asyncio

from structlog.testing import capture_logs

from cinegraph.errors import CinegraphError, ConfigError, SourceRejectedError
from cinegraph.jobs.probing import Prober


def _refusing(errors: list[CinegraphError | None]) -> Prober:
    async def probe() -> None:
        error = errors.pop(0)
        if error is not None:
            raise error

    return Prober({"tmdb": probe})


async def _ask(prober: Prober) -> None:
    prober.ask(["tmdb"])
    await asyncio.gather(*prober._tasks.values())


async def test_the_same_trouble_is_told_once() -> None:
    """Whatever of ours a probe meets stops nothing; only news is news."""
    rejected = SourceRejectedError("no", source="tmdb", endpoint="/", status=401)
    errors = [rejected, rejected, ConfigError("no key"), None, rejected]
    prober = _refusing([*errors])
    with capture_logs() as lines:
        for _ in errors:
            await _ask(prober)
    told = [line["error"] for line in lines]
    assert told == [str(rejected), "no key", str(rejected)]
    assert {(line["log_level"], line["source"]) for line in lines} == {
        ("warning", "tmdb")
    }


async def test_patience_ends() -> None:
    """A source that never answers is given up, and may be asked again."""
    asked = []

    async def probe() -> None:
        asked.append(1)
        await asyncio.Event().wait()

    prober = Prober({"tmdb": probe}, patience_seconds=0.01)
    with capture_logs() as lines:
        await _ask(prober)
        await _ask(prober)
    assert asked == [1, 1]
    assert len(lines) == 1


async def test_a_source_without_a_probe_is_left_alone() -> None:
    """Its halt ends as its jobs wake."""
    prober = Prober({})
    prober.ask(["omdb"])
    await prober.stop()
    assert prober._tasks == {}
