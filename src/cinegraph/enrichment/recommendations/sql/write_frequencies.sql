-- Make how many films have features equal to a new count, for a span of keys of one kind; what is equal is not touched.
-- Parameters: kind smallint; first, last integer (the span); keys, films integer[], one entry each a feature.
-- Returns: nothing. Locks: the rows that change. Index: primary key.
WITH counted AS (
    SELECT key, films FROM unnest(%(keys)s::integer[], %(films)s::integer[]) AS given (key, films)
), dropped AS (
    DELETE FROM recommendation_features AS stored
    WHERE stored.kind = %(kind)s AND stored.key BETWEEN %(first)s AND %(last)s
      AND NOT EXISTS (SELECT FROM counted WHERE counted.key = stored.key)
)
INSERT INTO recommendation_features AS stored (kind, key, films)
SELECT %(kind)s, key, films FROM counted ORDER BY key
ON CONFLICT (kind, key) DO UPDATE SET films = excluded.films WHERE stored.films <> excluded.films
