-- Note a list that was refused; the same file, refused again for the same reason, is noted once.
-- Parameters: source, kind text, listed_on date, size_bytes bigint, sha256 bytea, reason text, fetched_at timestamptz.
-- Returns: nothing. Locks: nothing that others want.
INSERT INTO export_snapshots (source, kind, listed_on, state, reason, size_bytes, sha256, fetched_at)
SELECT
    %(source)s, %(kind)s, %(listed_on)s, 'refused', %(reason)s, %(size_bytes)s::bigint, %(sha256)s::bytea,
    %(fetched_at)s
WHERE NOT EXISTS (
    SELECT
    FROM export_snapshots
    WHERE source = %(source)s AND kind = %(kind)s AND listed_on = %(listed_on)s AND state = 'refused'
      AND (reason, sha256) IS NOT DISTINCT FROM (%(reason)s, %(sha256)s::bytea)
)
