"""Watching a run: a live bar on a terminal, a plain line every few seconds elsewhere."""

import asyncio
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.cli.live import BAR_WIDTH, LINE_SECONDS, LiveArea
from cinegraph.jobs.causes import Cause
from cinegraph.monitoring.progress import RunProgress

_READ_SECONDS = 0.5


class Progress(LiveArea):
    """
    Shows readings of a run on stderr while the block lasts.

    Args:
        console: Where; stderr unless given.
    """

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console)
        self._shown_at = -LINE_SECONDS
        self._last_line = ""

    def show(self, run: RunProgress, cause: Cause | None) -> None:
        """Show one reading."""
        if self.live is not None:
            self.live.update(picture(run, cause))
            return
        now = time.monotonic()
        if now - self._shown_at >= LINE_SECONDS or not run.is_running:
            self._shown_at = now
            line = plain_line(run, cause)
            if line != self._last_line:
                self.console.print(line, soft_wrap=True)
            self._last_line = line

    def say(self, text: str | Text) -> None:
        """Write a line above the picture that stays."""
        self.console.print(text, soft_wrap=self.live is None)


def picture(run: RunProgress, cause: Cause | None) -> Group:
    """Return a run as a bar with its numbers, three lines high."""
    top = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(run.planned, 1), completed=run.ended, width=BAR_WIDTH)
    top.add_row(
        Text(f"run {run.id}", style="bold"),
        bar,
        Text(f"{run.ended:,} of {_planned(run)}", style="bold"),
        Text(_pace(run), style="cyan"),
    )
    lines: list[Any] = [top, _counts(run)]
    if titles := _titles(run):
        lines.append(Text(f"  {titles}", style="dim"))
    if cause is not None:
        style = "bold yellow" if cause.needs_person else "dim"
        lines.append(Text(f"  limited by: {cause.text}", style=style))
    return Group(*lines)


def plain_line(run: RunProgress, cause: Cause | None) -> str:
    """Return a run as one line without any codes."""
    parts = [
        f"run {run.id}: {run.ended:,} of {_planned(run)} films",
        *_words_of(run),
        _pace(run),
        _titles(run),
    ]
    if cause is not None:
        parts.append(f"limited by: {cause.text}")
    return ", ".join(part for part in parts if part)


def summary(run: RunProgress) -> Text:
    """Return how a run ended, in one sentence."""
    style = words.STATE_STYLES.get(run.state, "")
    facts = [
        words.count(run.done, "film") + " stored",
        *_words_of(run, with_done=False),
        *filter(None, [_titles(run)]),
    ]
    rate = f" ({run.films_per_second:.1f} films/s)" if run.ended else ""
    took = words.duration(run.elapsed.total_seconds())
    return Text.assemble(
        f"run {run.id} ",
        (run.state, style),
        f": {', '.join(facts)}; took {took}{rate}",
        f"; {run.note}" if run.note else "",
    )


async def follow(c: Cinegraph, run_id: int, progress: Progress) -> RunProgress:
    """Show a run until it has ended; return its last reading."""
    while True:
        run = await c.get_run(run_id)
        progress.show(run, await c.explain_run(run))
        if not run.is_running:
            return run
        await asyncio.sleep(_READ_SECONDS)


@contextmanager
def logging_above() -> Iterator[None]:
    """Write log lines above the picture instead of through it."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    before = [handler.stream for handler in handlers]
    for handler in handlers:
        # While a picture is live, Rich stands in for stderr.
        handler.setStream(sys.stderr)
    try:
        yield
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            handler.setStream(stream)


def _titles(run: RunProgress) -> str:
    """Return how far what hangs on films is: people who are looked up, OMDb's part; nothing when the run has none."""
    return ", ".join(filter(None, [_people(run), _omdb(run)]))


def _people(run: RunProgress) -> str:
    total = run.total_of("person")
    return f"people {total - run.open_of('person'):,} of {total:,}" if total else ""


def _omdb(run: RunProgress) -> str:
    states = run.stages.get("omdb", {})
    if not states:
        return ""
    total = sum(states.values())
    deferred = states.get("deferred", 0)
    given_up = deferred + states.get("cancelled", 0)
    told = f"OMDb {total - run.titles_left - given_up:,} of {total:,}"
    return f"{told} ({deferred:,} left to another day)" if deferred else told


def _planned(run: RunProgress) -> str:
    return f"{run.planned:,}" if run.is_listed else f"{run.planned:,}+"


def _pace(run: RunProgress) -> str:
    if not run.is_running or not run.ended:
        return ""
    eta = f", {words.duration(run.eta.total_seconds())} left" if run.eta else ""
    return f"{run.films_per_second:.1f}/s{eta}"


def _counts(run: RunProgress) -> Text:
    text = Text("  ")
    text.append(f"{run.done:,} stored", style="green")
    for part in _words_of(run, with_done=False):
        is_bad = part.endswith(("failed", "quarantined"))
        text.append("  ")
        text.append(part, style="red" if is_bad else "yellow")
    if run.pages_read < run.pages_planned and not run.total_of("festival"):
        text.append(f"  page {run.pages_read} of {run.pages_planned}", style="dim")
    return text


def _words_of(run: RunProgress, *, with_done: bool = True) -> list[str]:
    """Return the outcomes that there are, with their numbers."""
    numbers = {
        "stored": run.done if with_done else 0,
        "absent": run.absent,
        "failed": run.failed,
        "quarantined": run.quarantined,
        "cancelled": run.cancelled,
        "waiting": run.waiting,
    }
    return [f"{number:,} {word}" for word, number in numbers.items() if number]
