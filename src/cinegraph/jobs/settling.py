"""
Writing down how asking for a film ended, in ledger, quarantine and runs, in one transaction; the same for every source.

| Verdict     | Ledger                        | Items of runs           | Beside                                     |
|-------------|-------------------------------|-------------------------|--------------------------------------------|
| found       | fresh, or empty               | done                    | document and rows, by who stores them      |
| absent      | absent                        | absent                  | what was stored before stays               |
| quarantined | quarantined                   | quarantined             | a sample and the reason                    |
| deferred    | wanted, due when the day ends | deferred                | no attempt counted                         |
| failed      | failed, due later each time   | waiting, at last failed | while a run has rounds left it is no failure |
| cancelled   | known, wanted by nobody       | cancelled, in its run   | of no run: due again after the usual time  |

A snooze or a retry writes nothing, but for a body that could not be read.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.errors import PayloadError, SourceExhaustedError, UndecodableError
from cinegraph.jobs.outcome import Kind, Verdict
from cinegraph.jobs.stages import BY_ITEM_KIND, FILMS, Stage
from cinegraph.sync import ledger, policy, runs, stamps

UNCONFIRMED = "absent_unconfirmed"
"""The code of a first 404 for a film that a list names."""
UNKNOWN_RESET = timedelta(hours=1)
"""When a thing is due again whose source did not say when its day begins."""


def is_noteworthy(verdict: Verdict) -> bool:
    """Whether an end leaves something to write beside the job's own row."""
    return verdict.final or _unreadable_body(verdict) is not None


async def settle(
    conn: AsyncConnection[Any],
    stage: Stage,
    tmdb_id: int,
    verdict: Verdict,
    *,
    document_kind: str,
    document_id: str,
    is_job: bool = True,
) -> None:
    """
    Write down an end without a stored answer.

    Args:
        stage: What was asked.
        tmdb_id: TMDB's id of the film.
        verdict: How it ended; not cancelled: that is `cancel_item`.
        document_kind: What a body of it is called.
        document_id: The id at the source.
        is_job: Whether a job ended; beside the jobs, whose job is at it goes on.
    """
    now = clock.now()
    is_confirmed = await note_unreadable_body(
        conn,
        verdict,
        source=stage.source,
        kind=document_kind,
        external_id=document_id,
        now=now,
    )
    kind = verdict.kind
    if is_confirmed and verdict.final:
        kind = Kind.QUARANTINED
    match kind:
        case Kind.ABSENT:
            await _write_absent(conn, stage, tmdb_id, now)
        case Kind.QUARANTINED:
            await _write_quarantined(conn, stage, tmdb_id, verdict, now)
        case Kind.DEFERRED:
            await _write_deferred(conn, stage, tmdb_id, verdict, now)
        case Kind.FAILED if is_job:
            await exhaust(
                conn,
                stage,
                tmdb_id,
                error_code=verdict.code,
                error=verdict.message,
                is_hopeless=verdict.is_hopeless,
                now=now,
            )
        case Kind.FAILED:
            await _fail_unless_awaited(
                conn,
                stage,
                tmdb_id,
                error_code=verdict.code,
                error=verdict.message,
                now=now,
            )


async def exhaust(
    conn: AsyncConnection[Any],
    stage: Stage,
    tmdb_id: int,
    *,
    error_code: str,
    error: str,
    now: datetime,
    run_id: runs.RunId | None = None,
    is_hopeless: bool = False,
) -> None:
    """End the round of a film whose attempts are used up; it has failed when no run gives it another."""
    await ledger.lock(conn, [tmdb_id], **stage.entry)
    await runs.exhaust_item(
        conn,
        stage.item_kind,
        tmdb_id,
        run_id=run_id,
        error_code=error_code,
        is_hopeless=is_hopeless,
        now=now,
    )
    await _fail_unless_awaited(
        conn, stage, tmdb_id, error_code=error_code, error=error, now=now
    )


async def cancel_item(
    conn: AsyncConnection[Any],
    kind: str,
    external_id: int,
    run_id: int | str | None,
    *,
    source: str,
) -> None:
    """A person ended the job: its run does not wait for it any longer; one of no run is due again in its time."""
    now = clock.now()
    if run_id is None:
        if (stage := BY_ITEM_KIND.get(kind)) is not None:
            await ledger.put_back(
                conn,
                [external_id],
                **stage.entry,
                reason="its job was cancelled",
                due_at=policy.due_after_cancelled(now),
            )
    else:
        await runs.cancel_items(
            conn,
            runs.RunId(int(run_id)),
            kind,
            [external_id],
            source=source,
            now=now,
        )


async def note_unreadable_body(
    conn: AsyncConnection[Any],
    verdict: Verdict,
    *,
    source: str,
    kind: str,
    external_id: str,
    now: datetime,
) -> bool:
    """Keep the body that an attempt could not read, if that is how it ended; return whether it is quarantined now."""
    body = _unreadable_body(verdict)
    if body is None:
        return False
    return await quarantine.note_unreadable(
        conn,
        source=source,
        kind=kind,
        external_id=external_id,
        body=body,
        reason=verdict.code,
        detail=verdict.message,
        is_schema_broken=isinstance(verdict.error, PayloadError),
        now=now,
    )


def _unreadable_body(verdict: Verdict) -> bytes | None:
    error = verdict.error
    if isinstance(error, PayloadError | UndecodableError) and error.body:
        return error.body
    return None


async def _write_absent(
    conn: AsyncConnection[Any], stage: Stage, tmdb_id: int, now: datetime
) -> None:
    if stage is FILMS:
        await stamps.touch_denied(conn, tmdb_id, **stage.entry, now=now)
    else:
        await stamps.touch_absent(conn, tmdb_id, **stage.entry, now=now)
    await runs.settle_items(
        conn, stage.item_kind, [tmdb_id], runs.ItemState.ABSENT, now=now
    )


async def _write_quarantined(
    conn: AsyncConnection[Any],
    stage: Stage,
    tmdb_id: int,
    verdict: Verdict,
    now: datetime,
) -> None:
    await stamps.touch_quarantined(
        conn,
        tmdb_id,
        **stage.entry,
        error_code=verdict.code,
        error=verdict.message,
        now=now,
    )
    await runs.settle_items(
        conn,
        stage.item_kind,
        [tmdb_id],
        runs.ItemState.QUARANTINED,
        now=now,
        error_code=verdict.code,
    )


async def _write_deferred(
    conn: AsyncConnection[Any],
    stage: Stage,
    tmdb_id: int,
    verdict: Verdict,
    now: datetime,
) -> None:
    error = verdict.error
    resets_at = error.resets_at if isinstance(error, SourceExhaustedError) else None
    await ledger.put_back(
        conn,
        [tmdb_id],
        **stage.entry,
        reason="waits for the next day's quota",
        due_at=resets_at or now + UNKNOWN_RESET,
    )
    await runs.settle_items(
        conn,
        stage.item_kind,
        [tmdb_id],
        runs.ItemState.DEFERRED,
        now=now,
        error_code=verdict.code,
    )


async def _fail_unless_awaited(
    conn: AsyncConnection[Any],
    stage: Stage,
    tmdb_id: int,
    *,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    if await runs.is_awaited(conn, stage.item_kind, tmdb_id):
        return
    await stamps.touch_failed(
        conn,
        tmdb_id,
        **stage.entry,
        error_code=error_code,
        error=error,
        now=now,
    )
