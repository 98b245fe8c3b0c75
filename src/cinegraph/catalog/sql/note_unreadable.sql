-- Keep a sample of a body that could not become rows; the same body again counts up. Once the thing could be read in
-- between, the count begins anew: a fault that passed says nothing about the next one.
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
    seen_count = CASE WHEN kept.resolved_at IS NULL THEN kept.seen_count + 1 ELSE 1 END,
    first_seen_at = CASE WHEN kept.resolved_at IS NULL THEN kept.first_seen_at ELSE excluded.first_seen_at END,
    last_seen_at = excluded.last_seen_at,
    resolved_at = NULL,
    is_confirmed = excluded.is_confirmed OR (kept.resolved_at IS NULL AND (
        kept.is_confirmed OR (
            kept.seen_count >= %(passing_faults)s
            AND excluded.last_seen_at - kept.first_seen_at >= %(passing_span)s
        )
    ))
RETURNING is_confirmed
