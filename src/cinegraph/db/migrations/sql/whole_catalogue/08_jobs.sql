-- What: finds the completed jobs that the feeder made, which leave earlier than others.
-- Returns: nothing. Locks: oban_jobs, against writing, while it is made.

CREATE INDEX oban_jobs_fed_index ON oban_jobs (completed_at) WHERE state = 'completed' AND meta ? 'fed';
