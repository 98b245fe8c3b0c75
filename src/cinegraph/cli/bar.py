"""How far a count is: a bar on a terminal, a plain line every few seconds elsewhere; on stderr."""

import time

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.cli.live import BAR_WIDTH, LINE_SECONDS, LiveArea


class Bar(LiveArea):
    """
    Shows a count that grows while the block lasts.

    Args:
        title: What is being done.
        noun: What is counted, in the plural.
    """

    def __init__(self, title: str, noun: str) -> None:
        super().__init__()
        self._title = title
        self._noun = noun
        self._said_at = time.monotonic()

    def show(self, done: int, total: int, rate: float, *, extra: str = "") -> None:
        """
        Show one reading.

        Args:
            rate: A second; 0 where it is not known yet.
            extra: What else is to be known, such as how many failed.
        """
        pace = _pace(done, total, rate)
        count = f"{done:,} of {total:,} {self._noun}"
        if self.live is not None:
            row = Table.grid(padding=(0, 2, 0, 0))
            bar = ProgressBar(total=max(total, 1), completed=done, width=BAR_WIDTH)
            row.add_row(
                Text(self._title, style="bold"),
                bar,
                Text(count, style="bold"),
                Text(pace, style="cyan"),
                Text(extra, style="yellow"),
            )
            self.live.update(row)
        elif time.monotonic() - self._said_at >= LINE_SECONDS:
            self._said_at = time.monotonic()
            told = ", ".join(part for part in (count, extra, pace) if part)
            self.console.print(f"{self._title}: {told}", soft_wrap=True)


def _pace(done: int, total: int, rate: float) -> str:
    if not rate or done >= total:
        return ""
    return f"{rate:.0f}/s, {words.duration((total - done) / rate)} left"
