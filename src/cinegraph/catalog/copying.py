"""Long lists into a table by COPY: made in a thread, a batch ahead of the database, never whole in memory."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from cinegraph.db import sql

_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def escape(text: str) -> str:
    """Return *text* as a field of COPY's text format."""
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


async def copy_batches[RowT](
    conn: AsyncConnection[Any],
    statement: str,
    batches: Iterator[Sequence[RowT]],
    to_text: Callable[[Sequence[RowT]], bytes],
) -> int:
    """
    Copy all rows of *batches*.

    Args:
        statement: SQL file of the COPY.
        batches: Taken in a thread, one at a time; what it raises is raised here, and the COPY has failed then.
        to_text: A batch in COPY's text format; in the same thread.

    Returns:
        How many rows.
    """

    def make_next() -> tuple[int, bytes] | None:
        batch = next(batches, None)
        return None if batch is None else (len(batch), to_text(batch))

    rows = 0
    async with (
        conn.cursor() as cursor,
        cursor.copy(sql.load("cinegraph.catalog", statement)) as copy,
    ):
        coming = asyncio.create_task(asyncio.to_thread(make_next))
        try:
            while made := await asyncio.shield(coming):
                coming = asyncio.create_task(asyncio.to_thread(make_next))
                await copy.write(made[1])
                rows += made[0]
        finally:
            # A thread cannot be stopped: nobody else may take batches before it has ended.
            await asyncio.gather(coming, return_exceptions=True)
    return rows
