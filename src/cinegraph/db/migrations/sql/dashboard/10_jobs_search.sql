-- What: finds jobs newest first by state, run, film and parent, and what failed in a run, however many jobs are kept.
-- Returns: nothing. Locks: oban_jobs and sync_run_items, against writing, while the indexes are made.

CREATE INDEX oban_jobs_state_id_index ON oban_jobs (state, id);

-- Those of one run by state, each in the order of ids, too; without `?`, which the planner takes for rare.
DROP INDEX oban_jobs_run_index;
CREATE INDEX oban_jobs_run_index ON oban_jobs ((meta ->> 'run_id'), state, id) WHERE meta ->> 'run_id' IS NOT NULL;

-- TMDB's id of the film that a job is about: among its arguments, or in meta where those name the film otherwise.
CREATE INDEX oban_jobs_film_index ON oban_jobs ((coalesce(args ->> 'tmdb_id', meta ->> 'tmdb_id')), id)
WHERE coalesce(args ->> 'tmdb_id', meta ->> 'tmdb_id') IS NOT NULL;

CREATE INDEX oban_jobs_parent_index ON oban_jobs ((meta ->> 'parent_id'), id) WHERE meta ->> 'parent_id' IS NOT NULL;

CREATE INDEX sync_run_items_trouble_index ON sync_run_items (run_id, state, kind, error_code, external_id)
WHERE state IN ('failed', 'quarantined');
