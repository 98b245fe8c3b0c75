-- Forget what a source said of people and has not repeated for longer than its terms allow.
-- Parameters: kind text (of the documents); before timestamptz. Returns: nothing; its row count is of how many people. Locks: the rows.
-- Reads the documents of people: once a day.
WITH gone AS (
    DELETE FROM documents
    WHERE source = 'tmdb' AND kind = %(kind)s AND checked_at < %(before)s
    RETURNING external_id
)
DELETE FROM person_details AS details
USING gone, people
WHERE people.tmdb_id = gone.external_id::integer AND details.person_id = people.id
