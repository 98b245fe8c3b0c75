"""Reads the files of a recording: gzipped lines of JSON."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from cinegraph.errors import UsageError


def read_lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a packed file that hold anything."""
    try:
        with gzip.open(path) as file:
            yield from (line for line in file if not line.isspace())
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"{path} cannot be read: {error}",
            hint="Recordings are gzipped files of JSON lines; copy this one again.",
        ) from error
