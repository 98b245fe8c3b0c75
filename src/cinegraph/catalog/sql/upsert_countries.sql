-- Merge statements about countries: the later day wins, within a day the greater text.
-- A repeated statement only moves its day, or the winner would depend on the order of storing.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film.
-- Returns: nothing. Locks: rows of countries, in order of code. Index: unique code.
INSERT INTO countries AS known (code, name, stated_on)
SELECT DISTINCT ON (said.code)
    said.code, said.name, film.stated_on
FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (code text, name text)
ORDER BY
    said.code,
    -- An origin country comes as a bare code and must not take a name away, however late it comes.
    said.name IS NULL,
    film.stated_on DESC,
    said.name COLLATE "C" DESC
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name,
    stated_on = excluded.stated_on
WHERE (excluded.name IS NOT NULL, excluded.stated_on, coalesce(excluded.name, '') COLLATE "C")
    > (known.name IS NOT NULL, known.stated_on, coalesce(known.name, '') COLLATE "C")
