"""Members of cultural lists, made again from their stored bodies."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from cinegraph.catalog import documents as stored
from cinegraph.enrichment.lists import storing
from cinegraph.enrichment.lists.reading import ListFile, read_list, read_pages
from cinegraph.jobs.documents.reading import StatedList
from cinegraph.sources.providers.list_files.settings import SOURCE_NAME as LIST_FILES
from cinegraph.sources.providers.tmdb.user_lists import decode_user_list


async def rewrite_lists(
    conn: AsyncConnection[Any], told: StatedList, *, now: datetime
) -> None:
    """Make the members of the lists that a body tells of; the further pages of a list are read with its first one."""
    document = told.document
    is_file = document.source == LIST_FILES
    if not is_file and "/" in document.external_id:
        return
    if not await stored.lock_unchanged(conn, [document]):
        return
    lists = await storing.list_documented(
        conn, "file" if is_file else "tmdb", document.external_id
    )
    for each in lists:
        said = (
            read_list(told.body, is_ranked=each.is_ranked)
            if is_file
            else await _read_pages(conn, told, is_ranked=each.is_ranked)
        )
        await storing.restore_members(
            conn, each.id, said, told_at=document.fetched_at, now=now
        )


async def _read_pages(
    conn: AsyncConnection[Any], told: StatedList, *, is_ranked: bool
) -> ListFile:
    """Return what the stored pages of a list at TMDB say; one that is missing takes nobody away."""
    first = decode_user_list(told.body, expected_page=1)
    number = told.document.external_id
    bodies = [told.body]
    for page in range(2, first.total_pages + 1):
        found = await stored.find(
            conn,
            f"{number}/{page}",
            source=told.document.source,
            kind=told.document.kind,
        )
        if found is not None:
            bodies.append(found.unpack())
    return read_pages(bodies, is_ranked=is_ranked, claimed=first.claimed)
