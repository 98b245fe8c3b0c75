"""
A consumer in a process of its own, which a test kills: follows the changes of one database and keeps a copy in another.

`change_follower.py SOURCE TARGET`. Where it is, it remembers in the copy, in the transaction that copies; it tells each
position in a line, and ends when its standard input does, so it never outlives the test.
"""

import asyncio
import os
import sys
from datetime import timedelta

import psycopg

import cinegraph
from replaying import copy

POLL = timedelta(seconds=0.2)


async def main(source_url: str, target_url: str) -> None:
    """Follow for ever."""
    async with (
        cinegraph.open(database_url=source_url, reads=True) as c,
        await psycopg.AsyncConnection.connect(source_url, autocommit=True) as source,
        await psycopg.AsyncConnection.connect(target_url, autocommit=True) as target,
    ):
        await target.execute("CREATE TABLE IF NOT EXISTS consumed (position bigint)")
        cursor = await target.execute("SELECT coalesce(max(position), 0) FROM consumed")
        [(since,)] = await cursor.fetchall()
        sys.stdout.write(f"{since}\n")
        sys.stdout.flush()
        async for change in c.follow_changes(since, poll=POLL):
            async with target.transaction():
                await copy(source, target, [change])
                await target.execute(
                    "INSERT INTO consumed VALUES (%s)", (change.position,)
                )
            sys.stdout.write(f"{change.position}\n")
            sys.stdout.flush()


async def until_stdin_ends() -> None:
    """End the process with the test that started it."""
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


async def both() -> None:
    """Follow until the standard input ends."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(until_stdin_ends())
        tasks.create_task(main(*sys.argv[1:]))


if __name__ == "__main__":
    asyncio.run(both())
