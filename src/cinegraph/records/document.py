"""A body as an upstream sent it, with what is needed to tell whether it changed."""

from datetime import datetime

import msgspec


class DocumentRecord(msgspec.Struct, frozen=True, gc=False):
    """One received body: kept so that every row can be made again without asking."""

    source: str
    kind: str
    external_id: str
    body_gzip: bytes
    """As received when the upstream sent gzip; compressed by us otherwise."""
    sha256: bytes
    """Of the decoded body: the same content hashes alike however it was compressed."""
    size_bytes: int
    """Of the decoded body."""
    fetched_at: datetime
    """As of when it tells: when it came, less the time that it had spent in caches, where those say so."""
    etag: str | None = None
    cached_until: datetime | None = None
    """Until when whoever asks gets this body, where it came from a cache; None: it came fresh, or nobody says."""
