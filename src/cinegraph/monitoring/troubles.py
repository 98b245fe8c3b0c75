"""What went wrong in a run: by stage and reason, with a sample of each."""

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from cinegraph.db import sql
from cinegraph.scrubbing import presentable

MOST_COUNTED = 10_000
"""Of one stage, state and run: more are told as more."""
_LONGEST_TEXT = 2000


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Things of one stage of a run that ended badly for one reason."""

    kind: str
    """Of the items, as `Stage.kind`."""
    state: str
    """`failed` or `quarantined`."""
    error_code: str | None
    """As in `cinegraph.errors`; None: nobody noted it."""
    things: int
    is_capped: bool
    """Only so many were looked at: there are more."""
    sample_ids: list[int]
    """External ids of some, such as TMDB's of films."""
    job_id: int | None
    """Of the newest job at the first of them, where one is left."""
    text: str | None
    """What that job said last, or why the body is in quarantine; without secrets."""


async def list_troubles(conn: AsyncConnection[Any], run_id: int) -> list[Trouble]:
    """Return what failed or was quarantined in a run, the commonest reason first."""
    async with conn.cursor(row_factory=kwargs_row(_trouble)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "run_troubles.sql"),
            {"run_id": run_id, "most": MOST_COUNTED},
        )
        return await cursor.fetchall()


def _trouble(*, text: str | None, **columns: Any) -> Trouble:
    told = None if text is None else presentable(text, _LONGEST_TEXT)
    return Trouble(text=told, **columns)
