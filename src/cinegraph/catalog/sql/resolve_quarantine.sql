-- Note that things can be read again.
-- Parameters: source, kind text; external_ids text[]; now timestamptz.
-- Returns: nothing. Locks: their rows. Index: unique (source, kind, external_id, sha256).
UPDATE quarantine SET resolved_at = %(now)s
WHERE source = %(source)s
  AND kind = %(kind)s
  AND external_id = ANY (%(external_ids)s::text[])
  AND resolved_at IS NULL
