-- Merge statements about countries: of two that differ the later day wins, within a day the greater text.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film.
-- Returns: nothing. Locks: rows of countries, in order of code. Index: unique code.
INSERT INTO countries AS known (code, name, stated_on)
SELECT DISTINCT ON (said.code)
    said.code, said.name, film.stated_on
FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (code text, name text)
ORDER BY
    said.code,
    film.stated_on DESC,
    coalesce(said.name, '') COLLATE "C" DESC
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name,
    stated_on = excluded.stated_on
WHERE (known.name)
    IS DISTINCT FROM (excluded.name)
  AND (excluded.stated_on, coalesce(excluded.name, '') COLLATE "C")
    > (known.stated_on, coalesce(known.name, '') COLLATE "C")
  -- An origin country comes as a bare code and must not take a known name away.
  AND excluded.name IS NOT NULL
