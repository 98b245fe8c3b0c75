-- How many films there are, for a line that is read again and again: exact while few, then the planner's estimate.
-- Parameters: exact_up_to bigint. Returns: films; is_exact. Locks: none.
-- A count that stops at the limit reads at most as many entries of the primary key, however large the table is.
WITH few AS MATERIALIZED (
    SELECT count(*) AS films
    FROM (SELECT FROM movies LIMIT %(exact_up_to)s) AS first_ones
)
SELECT
    CASE
        WHEN few.films < %(exact_up_to)s THEN few.films
        -- Before the first analyze it is -1.
        ELSE greatest(few.films, (SELECT reltuples::bigint FROM pg_class WHERE oid = 'movies'::regclass))
    END AS films,
    few.films < %(exact_up_to)s AS is_exact
FROM few
