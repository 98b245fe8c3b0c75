"""The bottom lines of a terminal, for as long as something is shown there."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live

from cinegraph.cli import console as output

LINE_SECONDS = 5.0
"""Between two plain lines, where there is no terminal: often enough for a log, rare enough to read."""
BAR_WIDTH = 40
_FRAMES_PER_SECOND = 4


class LiveArea:
    """
    A context in which `live` is a picture at the bottom of the terminal; None where there is no terminal.

    Args:
        console: Where; stderr unless given.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or output.err()
        self.live: Live | None = None

    def __enter__(self) -> Self:
        """Take the bottom of the terminal, if it is one."""
        if output.is_live(self.console):
            self.live = Live(
                console=self.console,
                refresh_per_second=_FRAMES_PER_SECOND,
                transient=True,
            )
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        if self.live is not None:
            self.live.stop()
