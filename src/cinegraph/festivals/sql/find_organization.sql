-- A festival. Parameters: key text; id bigint: one of them null. Returns: id, key, name, imdb_event_id, eligibility, default_source,
-- month, founded_year. Locks: none. Index: primary key, unique key.
SELECT id, key, name, imdb_event_id, eligibility, default_source, month, founded_year
FROM festival_organizations
WHERE key = %(key)s OR id = %(id)s
