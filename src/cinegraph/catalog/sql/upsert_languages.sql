-- Merge statements about languages: the later day wins, within a day the greater text.
-- A repeated statement only moves its day, or the winner would depend on the order of storing.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film.
-- Returns: nothing. Locks: rows of languages, in order of code. Index: unique code.
INSERT INTO languages AS known (code, english_name, name, stated_on)
SELECT DISTINCT ON (said.code)
    said.code, said.english_name, said.name, film.stated_on
FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (code text, english_name text, name text)
ORDER BY
    said.code,
    film.stated_on DESC,
    coalesce(said.english_name, '') COLLATE "C" DESC,
    coalesce(said.name, '') COLLATE "C" DESC
ON CONFLICT (code) DO UPDATE SET
    english_name = excluded.english_name,
    name = excluded.name,
    stated_on = excluded.stated_on
WHERE (
    excluded.stated_on, coalesce(excluded.english_name, '') COLLATE "C",
    coalesce(excluded.name, '') COLLATE "C"
)
    > (
        known.stated_on, coalesce(known.english_name, '') COLLATE "C",
        coalesce(known.name, '') COLLATE "C"
    )
