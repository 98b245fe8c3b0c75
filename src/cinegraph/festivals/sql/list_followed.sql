-- The festivals of which something was imported. Parameters: none. Returns: id, key, name, imdb_event_id, eligibility, default_source,
-- month, founded_year; by key. Locks: none. Index: unique organization of ceremonies.
SELECT id, key, name, imdb_event_id, eligibility, default_source, month, founded_year
FROM festival_organizations AS organization
WHERE EXISTS (
    SELECT FROM festival_ceremonies AS ceremony WHERE ceremony.organization_id = organization.id AND ceremony.said_at IS NOT NULL
)
ORDER BY key
