-- Have a list of a definition. Parameters: key, name, authority, source, location text; weight real; is_ranked boolean;
-- refresh_days smallint or null; now timestamptz. Returns: nothing. Locks: the row. Index: unique key.
INSERT INTO lists AS known (
    key, name, authority, weight, source, location, is_ranked, refresh_days, created_at, updated_at
) VALUES (
    %(key)s, %(name)s, %(authority)s, %(weight)s, %(source)s, %(location)s, %(is_ranked)s, %(refresh_days)s, %(now)s, %(now)s
)
ON CONFLICT (key) DO UPDATE SET
    name = excluded.name,
    authority = excluded.authority,
    weight = excluded.weight,
    source = excluded.source,
    location = excluded.location,
    is_ranked = excluded.is_ranked,
    refresh_days = excluded.refresh_days,
    updated_at = excluded.updated_at
WHERE (known.name, known.authority, known.weight, known.source, known.location, known.is_ranked, known.refresh_days)
    IS DISTINCT FROM (
        excluded.name, excluded.authority, excluded.weight, excluded.source, excluded.location, excluded.is_ranked,
        excluded.refresh_days
    )
