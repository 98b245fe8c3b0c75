"""What a source answered, stamped onto the ledger: found, looked at, listed, empty, absent, denied, broken, failed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import policy
from cinegraph.sync.ledger import LedgerState


class Rhythm(msgspec.Struct, frozen=True):
    """When popular films are due again; others are by how often their votes move."""

    popular_from: float = policy.POPULAR
    """The popularity from which a film is among the 2,000 most popular ones today."""
    update_interval: timedelta = policy.RECHECK_POPULAR

    @property
    def parameters(self) -> dict[str, float]:
        """As the statements that stamp take it."""
        return {
            "popular_from": self.popular_from,
            "update_days": self.update_interval / timedelta(days=1),
        }


USUAL = Rhythm()


class Aged(msgspec.Struct, frozen=True):
    """A thing whose answer came from a cache."""

    external_id: int
    made_at: datetime
    """When the source made it."""
    again_at: datetime
    """When the cache lets go of it: asked before, the same would come again."""


async def touch_found(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
    checked_at: datetime | None = None,
    aged: Sequence[Aged] = (),
    rhythm: Rhythm = USUAL,
) -> None:
    """
    Stamp things that the source answered for: all checked now, those in *changed_ids* changed now too.

    Args:
        rhythm: Which films are popular, and when those are due again.
        checked_at: When the source answered, where that is not now: a later check that is known stays.
        aged: Those whose answer came from a cache: checked as of when it was made. What changed since then stays due,
            and is asked for again when the cache lets go of the answer.

    Locks: the rows, in order of id.
    """
    checked = now if checked_at is None else checked_at
    await _touch_answered(
        conn,
        ids,
        aged,
        changed_ids=changed_ids,
        source=source,
        kind=kind,
        state=LedgerState.FRESH.value,
        checked_at=checked,
        now=now,
        due_at=policy.due_after_found(checked),
        **rhythm.parameters,
    )


async def touch_looked(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
    rhythm: Rhythm = USUAL,
) -> None:
    """
    Stamp films whose votes were looked at, without the rest: that is no check, and settles no change upstream.

    What is wanted whole stays wanted.

    Args:
        changed_ids: Those of which something was stored that is new.
        rhythm: Which films are popular, and when those are due again.

    Locks: the rows, in order of id.
    """
    await _touch_seen(
        conn,
        "touch_looked.sql",
        ids,
        changed_ids=changed_ids,
        source=source,
        kind=kind,
        now=now,
        due_at=policy.due_after_found(now),
        **rhythm.parameters,
    )


async def touch_listed(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
    rhythm: Rhythm = USUAL,
) -> None:
    """
    Stamp stored films whose votes a list told: less than a look, for it does not prove that the film is there.

    Args:
        changed_ids: Those of which something was stored that is new.
        rhythm: Which films are popular, and when those are due again.

    Locks: the rows, in order of id.
    """
    await _touch_seen(
        conn,
        "touch_listed.sql",
        ids,
        changed_ids=changed_ids,
        source=source,
        kind=kind,
        now=now,
        **rhythm.parameters,
    )


async def touch_empty(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    is_changed: bool,
    released_on: date | None,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a thing that the source answered for and holds nothing of yet: asked again sooner while it is young."""
    await _touch_answered(
        conn,
        [external_id],
        (),
        changed_ids=[external_id] if is_changed else [],
        source=source,
        kind=kind,
        state=LedgerState.EMPTY.value,
        checked_at=now,
        now=now,
        due_at=policy.due_after_empty(now, released_on),
        **USUAL.parameters,
    )


async def touch_absent(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a thing that the source definitively does not have."""
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.ABSENT,
        due_at=policy.due_after_absent(now),
        source=source,
        kind=kind,
        now=now,
    )


async def touch_denied(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a film that the source says it does not have; one that ought to be there is asked for again soon."""
    await conn.execute(
        sql.load("cinegraph.sync", "touch_denied.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "apart": policy.DENIALS_APART,
            "enough": policy.ENOUGH_DENIALS,
            "soon_at": policy.due_after_denied(now, is_again=False),
            "later_at": policy.due_after_denied(now, is_again=True),
            "absent_at": policy.due_after_absent(now),
            "now": now,
        },
    )


async def touch_quarantined(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    """Stamp a thing whose body was put into quarantine."""
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.QUARANTINED,
        due_at=policy.due_after_quarantined(now),
        source=source,
        kind=kind,
        error_code=error_code,
        error=error,
        now=now,
    )


async def touch_failed(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    """
    Stamp a thing that could not be fetched and that no run gives a further round.

    It comes due again, later each time, and keeps what it had.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "count_failures.sql"),
        {"source": source, "kind": kind, "external_id": external_id},
    )
    row = await cursor.fetchone()
    failures = (row[0] if row else 0) + 1
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.FAILED,
        due_at=policy.due_after_failed(now, failures),
        source=source,
        kind=kind,
        error_code=error_code,
        error=error,
        attempts=failures,
        now=now,
    )


async def _touch_answered(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    aged: Sequence[Aged],
    /,
    **parameters: Any,
) -> None:
    await _touch_seen(
        conn,
        "touch_found.sql",
        ids,
        aged_ids=[each.external_id for each in aged],
        made_ats=[each.made_at for each in aged],
        again_ats=[each.again_at for each in aged],
        **parameters,
    )


async def _touch_seen(
    conn: AsyncConnection[Any],
    statement: str,
    ids: Sequence[int],
    /,
    *,
    changed_ids: Sequence[int],
    **parameters: Any,
) -> None:
    await conn.execute(
        sql.load("cinegraph.sync", statement),
        {"ids": list(ids), "changed_ids": list(changed_ids), **parameters},
    )


async def _touch_ended(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    state: LedgerState,
    due_at: datetime,
    source: str,
    kind: str,
    now: datetime,
    error_code: str | None = None,
    error: str | None = None,
    attempts: int = 0,
) -> None:
    await conn.execute(
        sql.load("cinegraph.sync", "touch_ended.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "state": state.value,
            "due_at": due_at,
            # Only a definitive answer is a check.
            "checked_at": now if state is LedgerState.ABSENT else None,
            "error_code": error_code,
            "error": error,
            "attempts": attempts,
            "now": now,
        },
    )
