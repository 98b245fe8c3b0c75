-- Let nobody else write titles, or the films they belong to, while this transaction does: who stores a film that has just
-- got an IMDb id, and who stores the title of that id, would otherwise not see each other.
-- Parameters: imdb_ids text[]. Returns: nothing of use.
-- Locks: one advisory lock an id, in order, until the end of the transaction; take them before any row is locked.
SELECT pg_advisory_xact_lock(hashtextextended(given.imdb_id, 20815))
FROM (SELECT DISTINCT unnest(%(imdb_ids)s::text[]) COLLATE "C" ORDER BY 1) AS given (imdb_id)
