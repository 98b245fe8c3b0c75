"""The branches of a run of awards: run, edition, film, and what is fetched about the film."""

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql


class RunEdition(msgspec.Struct, frozen=True, kw_only=True):
    """An edition of a run, and what hangs on it."""

    ceremony_id: int
    festival: str
    year: int
    part: int
    state: str
    """Of its own job: open, waiting, done, failed, cancelled."""
    nominations: int
    films: int
    """That they name, each once."""
    stored: int
    rated: int
    """Films that OMDb has answered for in this run."""
    rated_planned: int
    people: int
    """Nominees who are no companies, once for each nomination."""
    people_linked: int


async def list_editions(conn: AsyncConnection[Any], run_id: int) -> list[RunEdition]:
    """Return the editions of a run, the newest first."""
    async with conn.cursor(row_factory=class_row(RunEdition)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "run_editions.sql"), {"run_id": run_id}
        )
        return await cursor.fetchall()
