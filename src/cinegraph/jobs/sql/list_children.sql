-- What: the jobs that a job made, newest first. Parameters: parent text: its id; most int. Returns: id of each.
-- Locks: none. Index: oban_jobs_parent_index.
SELECT id
FROM oban_jobs
WHERE meta ->> 'parent_id' = %(parent)s
ORDER BY id DESC
LIMIT %(most)s
