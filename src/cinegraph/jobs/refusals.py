"""What the database refuses of a body, whichever writer stores it; pure."""

import gzip

import psycopg

from cinegraph.errors import PayloadError
from cinegraph.records.document import DocumentRecord

REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    # A text too large for an index row.
    psycopg.errors.ProgramLimitExceeded,
)
"""A value of the body is at fault, not the database: the body goes to quarantine."""


def to_payload_error(
    refusal: psycopg.Error, document: DocumentRecord, *, endpoint: str
) -> PayloadError:
    """Return one of `REFUSALS` as the error that puts *document* into quarantine."""
    return PayloadError(
        f"the database refuses it ({type(refusal).__name__}: {refusal.diag.message_primary})",
        source=document.source,
        endpoint=endpoint,
        body=gzip.decompress(document.body_gzip),
    )
