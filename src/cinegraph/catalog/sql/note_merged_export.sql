-- Note a list that was merged.
-- Parameters: source, kind text, listed_on date, size_bytes bigint, sha256 bytea, line_count, new_count,
-- changed_count, missing_count integer, fetched_at, now timestamptz.
-- Returns: nothing. Locks: nothing that others want.
INSERT INTO export_snapshots (
    source, kind, listed_on, state, line_count, size_bytes, sha256, new_count, changed_count, missing_count,
    fetched_at, merged_at
)
VALUES (
    %(source)s, %(kind)s, %(listed_on)s, 'merged', %(line_count)s, %(size_bytes)s, %(sha256)s, %(new_count)s,
    %(changed_count)s, %(missing_count)s, %(fetched_at)s, %(now)s
)
