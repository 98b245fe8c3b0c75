"""
`cinegraph documents load`: films and titles from files, without asking anybody.

They are stored by the code that stores what jobs fetch, dated when they were fetched and not now. A body that is newer
than the stored one replaces it, an older one changes nothing. A film that came without some of its parts is stored
where nothing is stored of it yet, so that it can be used at once, and wanted, so that it is completed; it never takes
the place of another body, which may hold more.
"""

import asyncio
import gzip
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from cinegraph import clock
from cinegraph.catalog import titles
from cinegraph.catalog.storing import Film
from cinegraph.catalog.titles import Title
from cinegraph.db.pool import Pool
from cinegraph.errors import SourceError, UsageError
from cinegraph.jobs.documents.files import (
    BadInput,
    FoundBody,
    find_files,
    read_bodies,
)
from cinegraph.jobs.documents.reading import FILM_KIND, SOURCES
from cinegraph.jobs.documents.shapes import (
    Outline,
    UnknownShapeError,
    missing_parts,
    recognise,
)
from cinegraph.jobs.documents.taking import Fate, GivenFilm, Taker
from cinegraph.jobs.film_writer import OnStored
from cinegraph.jobs.refusals import REFUSALS
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS, decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record

MOST_LISTED = 10
"""Bad files and lines that a report names; it counts them all."""
_GROUP = 200
"""Bodies decoded at a time: four transactions, some MB."""
# What people keep is rarely packed as it came; 6 halves what 1 leaves.
_LEVEL = 6


class LoadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to load."""

    place: Path
    """A folder, or a file."""
    source: str | None = None
    """`tmdb` or `omdb`; None: both."""
    fetched_at: datetime | None = None
    """When the bodies were fetched; None: when their files were last written."""


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """How far loading is, or how it ended."""

    files: int
    files_read: int
    bodies: int
    films_stored: int
    """New or newer than what was stored."""
    films_partial: int
    """Stored without some of their parts, and wanted."""
    films_wanted: int
    """Not stored, because there was too little in them; wanted unless they are stored already."""
    titles_stored: int
    unchanged: int
    """Films and titles of which the same or something newer or fuller is stored already."""
    passed_over: int
    """Bodies of another source than the one asked for."""
    other_files: int
    """Files in the folder that do not look like JSON."""
    bad: int
    bad_listed: list[BadInput]
    """At most `MOST_LISTED` of them."""
    seconds: float


async def load(
    pool: Pool,
    request: LoadRequest,
    *,
    stored: OnStored | None = None,
    on_progress: Callable[[LoadReport], None] = lambda _: None,
) -> LoadReport:
    """
    Store what the files of *request* hold; a second time changes nothing.

    Args:
        stored: Called in each transaction that has stored films, as by the writer of jobs.

    Raises:
        UsageError: There is nothing to read, no such source, or a time that has not come yet.
    """
    _check(request)
    files, other_files = await asyncio.to_thread(find_files, request.place)
    counts = _Counts(len(files), other_files)
    taker = Taker(pool, stored=stored)
    for path in files:
        async for group in _groups(path):
            await _take(taker, group, request, counts)
            on_progress(counts.report())
        counts.files_read += 1
    report = counts.report()
    on_progress(report)
    return report


class _Counts:
    """Adds up what became of bodies."""

    def __init__(self, files: int, other_files: int) -> None:
        self.files_read = 0
        self._files = files
        self._other_files = other_files
        self._fates: Counter[Fate] = Counter()
        self._bad: list[BadInput] = []
        self._started = time.monotonic()

    def note(self, fate: Fate) -> None:
        self._fates[fate] += 1

    def note_bad(self, bad: BadInput) -> None:
        self._fates[Fate.BAD] += 1
        if len(self._bad) < MOST_LISTED:
            self._bad.append(bad)

    def report(self) -> LoadReport:
        fates = self._fates
        return LoadReport(
            files=self._files,
            files_read=self.files_read,
            bodies=fates.total(),
            films_stored=fates[Fate.FILM_STORED],
            films_partial=fates[Fate.FILM_PARTIAL],
            films_wanted=fates[Fate.FILM_WANTED],
            titles_stored=fates[Fate.TITLE_STORED],
            unchanged=fates[Fate.UNCHANGED],
            passed_over=fates[Fate.PASSED_OVER],
            other_files=self._other_files,
            bad=fates[Fate.BAD],
            bad_listed=list(self._bad),
            seconds=time.monotonic() - self._started,
        )


def _check(request: LoadRequest) -> None:
    if request.source is not None and request.source not in SOURCES:
        raise UsageError(
            f"no bodies of {request.source!r} can be loaded",
            hint=f"Sources: {', '.join(SOURCES)}.",
        )
    if request.fetched_at is not None and request.fetched_at > clock.now():
        raise UsageError(
            f"{request.fetched_at.isoformat()} has not come yet",
            hint="Say when the bodies were fetched, such as 2026-03-01 or 2026-03-01T12:00Z.",
        )


async def _groups(path: Path) -> AsyncIterator[list[FoundBody | BadInput]]:
    """Give what stands in a file, some at a time; reading is not done on the event loop."""
    found = read_bodies(path)
    while group := await asyncio.to_thread(lambda: list(islice(found, _GROUP))):
        yield group


async def _take(
    taker: Taker,
    group: Iterable[FoundBody | BadInput],
    request: LoadRequest,
    counts: _Counts,
) -> None:
    """Store a group of bodies and count what became of each."""
    given: list[tuple[FoundBody, GivenFilm | Title | Outline]] = []
    for found in group:
        if isinstance(found, BadInput):
            counts.note_bad(found)
            continue
        try:
            read = _read(found, request)
        except (SourceError, UnknownShapeError) as error:
            counts.note_bad(_bad(found, error.message))
            continue
        if read is None:
            counts.note(Fate.PASSED_OVER)
        else:
            given.append((found, read))
    fates = await asyncio.gather(
        *(taker.take(read) for _, read in given), return_exceptions=True
    )
    for (found, _), fate in zip(given, fates, strict=True):
        if isinstance(fate, REFUSALS):
            told = fate.diag.message_primary
            counts.note_bad(_bad(found, f"the database refuses it: {told}"))
        elif isinstance(fate, BaseException):
            raise fate
        else:
            counts.note(fate)


def _read(found: FoundBody, request: LoadRequest) -> GivenFilm | Title | Outline | None:
    """Return what a body says; None where it is not of the source asked for."""
    shape = recognise(found.body)
    source = "tmdb" if isinstance(shape, Outline) else shape
    if request.source not in (None, source):
        return None
    if isinstance(shape, Outline):
        return shape
    # A file of tomorrow would keep out what is fetched today.
    fetched_at = request.fetched_at or min(found.modified_at, clock.now())
    if source == titles.SOURCE:
        record = to_title(decode_title(found.body))
        document = _document(source, record.imdb_id, found.body, fetched_at)
        return Title(document=document, record=record)
    payload = decode_movie(found.body, parts=())
    document = _document(source, str(payload.id), found.body, fetched_at)
    film = Film(document=document, record=to_record(payload))
    return GivenFilm(film, missing_parts(MOVIE_PARTS, payload))


def _document(
    source: str, external_id: str, body: bytes, fetched_at: datetime
) -> DocumentRecord:
    return DocumentRecord(
        source=source,
        kind=SOURCES.get(source, FILM_KIND),
        external_id=external_id,
        body_gzip=gzip.compress(body, _LEVEL, mtime=0),
        sha256=hashlib.sha256(body).digest(),
        size_bytes=len(body),
        fetched_at=fetched_at,
    )


def _bad(found: FoundBody, reason: str) -> BadInput:
    item = f"item {found.item}: " if found.item is not None else ""
    return BadInput(str(found.path), found.line, item + reason)
