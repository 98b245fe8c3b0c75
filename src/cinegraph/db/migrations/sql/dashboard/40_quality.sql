-- What: orders in which the dashboard pages through what is to be looked at.
-- Returns: nothing. Locks: quarantine, tombstones, movie_redirects, against writing, for as long as they take to be read: small tables.

CREATE INDEX quarantine_open_index ON quarantine (last_seen_at DESC, id DESC) WHERE resolved_at IS NULL;
CREATE INDEX tombstones_buried_index ON tombstones (buried_at DESC, id DESC);
CREATE INDEX movie_redirects_found_index ON movie_redirects (found_at DESC, id DESC);
