-- Who made a film: the cast as billed, then the crew as the source lists them.
-- Parameters: movie_id bigint; most integer. Returns: kind, department, job, character, person_id, name. Locks: none.
-- Index: primary key of credits.
SELECT credits.kind, credits.department, credits.job, credits.character, people.id AS person_id, people.name
FROM credits
INNER JOIN people ON people.id = credits.person_id
WHERE credits.movie_id = %(movie_id)s
ORDER BY credits.kind, credits.position, people.name
LIMIT %(most)s
