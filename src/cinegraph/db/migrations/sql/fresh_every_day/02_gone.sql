-- What: a film that the source has taken off is marked, never deleted.
-- Returns: nothing. Locks: movies, exclusively, for an instant.

ALTER TABLE movies ADD COLUMN gone_at timestamptz;
COMMENT ON COLUMN movies.gone_at IS
    'Since when it is known, by two kinds of evidence, that the source has it no longer; null: it is live';
