-- Note that bodies in quarantine can be read now.
-- Parameters: source, kind text; hashes bytea[]; now timestamptz.
-- Returns: nothing. Locks: their rows. Index: none needed: few bodies are in quarantine unresolved.
UPDATE quarantine SET resolved_at = %(now)s
WHERE source = %(source)s
  AND kind = %(kind)s
  AND sha256 = ANY (%(hashes)b::bytea[])
  AND resolved_at IS NULL
