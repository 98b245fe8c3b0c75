"""Processes of scripts beside this file, which print what they do until they are killed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Thread


class Printing[T]:
    """
    A process that prints a line for each thing it does.

    Args:
        script: A file beside this one.
        arguments: The script's.
        read: Makes one of `seen` of a line; the monotonic clock in it is one for the machine.
    """

    def __init__(self, script: str, *arguments: str, read: Callable[[str], T]) -> None:
        self.seen: list[T] = []
        self._read = read
        self.process = Popen(  # noqa: S603 - our own script
            [sys.executable, str(Path(__file__).with_name(script)), *arguments],
            stdout=PIPE,
            text=True,
        )
        self._reader = Thread(target=self._collect)
        self._reader.start()

    def _collect(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.seen.append(self._read(line))

    def kill(self) -> None:
        """End it like `kill -9`, and wait for what it had printed."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def killed_afterwards[T](
    start: Callable[[], Printing[T]],
) -> Iterator[Callable[[], Printing[T]]]:
    """Give a starter of processes that are killed when the block ends."""
    started: list[Printing[T]] = []

    def begin() -> Printing[T]:
        started.append(start())
        return started[-1]

    try:
        yield begin
    finally:
        for process in started:
            process.kill()
