"""
Acknowledging in bulk, in words that PostgreSQL can always store.

In Oban 0.7.0 one error text with a NUL or a lone surrogate, or meta that is no JSON, stalls its queue until a restart.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import structlog
from oban._executor import AckAction
from oban._query import Query, _ack_jobs

from cinegraph import clock
from cinegraph.db.sql import load
from cinegraph.jobs.engine import runtimes
from cinegraph.jobs.engine.line import Line
from cinegraph.scrubbing import presentable

MAX_ERRORS = 20
"""Errors kept in a job's row, the newest."""
MAX_META_BYTES = 16_000
"""Of what an attempt adds to meta; more is replaced by a note."""

_NUL_ESCAPE = rb"\u0000"
_MAX_DEPTH = 20
_JSON_INT = 2**63  # msgspec encodes no larger one
_log = structlog.get_logger(__name__)


class _Ack(msgspec.Struct, omit_defaults=True):
    id: int
    attempted_at: datetime
    state: str
    attempt_change: int
    delay: int | None = None
    error: dict[str, Any] | None = None
    meta: msgspec.Raw | None = None


_encoder = msgspec.json.Encoder()


async def ack_jobs(query: Query, acks: list[AckAction]) -> list[int]:
    """
    Write the ends of attempts in one statement; Oban's `query.ack_jobs`.

    Returns:
        The ids written; a missing one was given to another node meanwhile and is no longer ours to end.
    """
    runtime = runtimes.find(query)
    if runtime is None:
        found: list[int] = await _ack_jobs(query, acks)
        return found
    rows = [_row(ack) for ack in acks]
    try:
        return await _write(runtime.line, rows)
    except psycopg.DataError:
        _log.warning("acknowledgements cannot be stored together", jobs=len(rows))
        return [id_ for row in rows for id_ in await _write_alone(runtime.line, row)]


def clean_meta(meta: dict[str, Any]) -> bytes:
    """Return *meta* as JSON that jsonb takes, whatever it holds."""
    try:
        encoded = _encoder.encode(meta)
    except (TypeError, ValueError, RecursionError, OverflowError):
        encoded = _NUL_ESCAPE
    if _NUL_ESCAPE in encoded:
        encoded = _encoder.encode(_plain(meta, 0))
    if len(encoded) > MAX_META_BYTES:
        return _encoder.encode({"meta_left_out_bytes": len(encoded)})
    return encoded


def _plain(value: object, depth: int) -> object:
    if depth > _MAX_DEPTH:
        return "…"
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if abs(value) < _JSON_INT else str(value)
        case dict():
            return {
                presentable(str(key)): _plain(item, depth + 1)
                for key, item in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_plain(item, depth + 1) for item in value]
        case _:
            text = value if isinstance(value, str) else _repr(value)
            return presentable(text)


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a foreign object's repr may itself be broken
        return object.__repr__(value)


def _row(ack: AckAction) -> _Ack:
    if ack.id is None or ack.attempted_at is None:
        raise ValueError("only a job fetched from the database can be acknowledged")
    return _Ack(
        ack.id,
        ack.attempted_at.replace(tzinfo=None),
        ack.state,
        ack.attempt_change or 0,
        ack.schedule_in,
        _clean_error(ack.error) if ack.error else None,
        msgspec.Raw(clean_meta(ack.meta)) if ack.meta else None,
    )


def _clean_error(error: dict[str, Any]) -> dict[str, Any]:
    return {
        key: presentable(value) if isinstance(value, str) else value
        for key, value in error.items()
    }


async def _write(line: Line, rows: Sequence[_Ack]) -> list[int]:
    found = await line.run(
        load("cinegraph.jobs.engine", "ack_jobs.sql"),
        {"acks": _encoder.encode(rows).decode(), "max_errors": MAX_ERRORS},
    )
    return [id_ for (id_,) in found]


async def _write_alone(line: Line, row: _Ack) -> list[int]:
    try:
        return await _write(line, [row])
    except psycopg.DataError as error:
        # Nothing of the attempt's own words is worth a queue that stands still.
        now = clock.real_now().isoformat()
        bare = _Ack(row.id, row.attempted_at, row.state, row.attempt_change, row.delay)
        bare.error = {"at": now, "code": "unstorable", "error": type(error).__name__}
        return await _write(line, [bare])
