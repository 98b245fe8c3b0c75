-- Keep a sample of a body that could not become rows; the same body again counts up.
-- Parameters: source, kind, external_id, reason, detail text; sha256, sample bytea; is_confirmed boolean;
-- passing_faults integer; passing_span interval; now timestamptz.
-- Returns: whether it is quarantined now. Locks: the row. Index: unique (source, kind, external_id, sha256).
INSERT INTO quarantine AS kept (
    source, kind, external_id, sha256, reason, detail, sample, is_confirmed, seen_count, first_seen_at, last_seen_at
)
VALUES (
    %(source)s, %(kind)s, %(external_id)s, %(sha256)s, %(reason)s, %(detail)s, %(sample)s, %(is_confirmed)s, 1,
    %(now)s, %(now)s
)
ON CONFLICT (source, kind, external_id, sha256) DO UPDATE SET
    reason = excluded.reason,
    detail = excluded.detail,
    seen_count = kept.seen_count + 1,
    last_seen_at = excluded.last_seen_at,
    resolved_at = NULL,
    is_confirmed = kept.is_confirmed OR excluded.is_confirmed OR (
        kept.seen_count >= %(passing_faults)s
        AND excluded.last_seen_at - kept.first_seen_at >= %(passing_span)s
    )
RETURNING is_confirmed
