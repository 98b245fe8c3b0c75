-- What: the tables of Oban for Python, as `oban.schema.install_sql()` of oban 0.7.0 makes them; a frozen copy, because a
--       migration must not change when a dependency does. Differences: 'suspended' stands inside CREATE TYPE (a new enum
--       value cannot be used in the transaction that added it), and three indexes of ours at the end.
-- Returns: nothing. Locks: new relations only.
-- Checked by tests/integration/jobs/engine/test_schema.py against the installed oban.

-- Types

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM pg_type t
        JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typname = 'oban_' || 'job' || '_state'
          AND n.nspname = current_schema()
    ) THEN
        CREATE TYPE oban_job_state AS ENUM (
            'available',
            'scheduled',
            'suspended',
            'executing',
            'retryable',
            'completed',
            'discarded',
            'cancelled'
        );
    END IF;
END
$$;

-- Tables

CREATE TABLE IF NOT EXISTS oban_jobs (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    state oban_job_state NOT NULL DEFAULT 'available',
    queue text NOT NULL DEFAULT 'default',
    worker text NOT NULL,
    attempt smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL DEFAULT 20,
    priority smallint NOT NULL DEFAULT 0,
    args jsonb NOT NULL DEFAULT '{}',
    meta jsonb NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    errors jsonb NOT NULL DEFAULT '[]',
    attempted_by text[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    inserted_at timestamp WITHOUT TIME ZONE NOT NULL DEFAULT timezone('UTC', now()),
    scheduled_at timestamp WITHOUT TIME ZONE NOT NULL DEFAULT timezone('UTC', now()),
    attempted_at timestamp WITHOUT TIME ZONE,
    cancelled_at timestamp WITHOUT TIME ZONE,
    completed_at timestamp WITHOUT TIME ZONE,
    discarded_at timestamp WITHOUT TIME ZONE,

    CONSTRAINT attempt_range CHECK (attempt >= 0 AND attempt <= max_attempts),
    CONSTRAINT queue_length CHECK (char_length(queue) > 0),
    CONSTRAINT worker_length CHECK (char_length(worker) > 0),
    CONSTRAINT positive_max_attempts CHECK (max_attempts > 0),
    CONSTRAINT non_negative_priority CHECK (priority >= 0)
);

CREATE UNLOGGED TABLE IF NOT EXISTS oban_leaders (
    name text PRIMARY KEY DEFAULT 'oban',
    node text NOT NULL,
    elected_at timestamp WITHOUT TIME ZONE NOT NULL,
    expires_at timestamp WITHOUT TIME ZONE NOT NULL
);

CREATE UNLOGGED TABLE IF NOT EXISTS oban_producers (
    uuid uuid PRIMARY KEY,
    name text NOT NULL DEFAULT 'oban',
    node text NOT NULL,
    queue text NOT NULL,
    meta jsonb NOT NULL DEFAULT '{}',
    started_at timestamp WITHOUT TIME ZONE NOT NULL DEFAULT timezone('UTC', now()),
    updated_at timestamp WITHOUT TIME ZONE NOT NULL DEFAULT timezone('UTC', now())
);

-- Indexes

CREATE INDEX IF NOT EXISTS oban_jobs_state_queue_priority_scheduled_at_id_index
ON oban_jobs (state, queue, priority, scheduled_at, id)
WITH (fillfactor = 90);

CREATE INDEX IF NOT EXISTS oban_jobs_staging_index
ON oban_jobs (scheduled_at, id) INCLUDE (queue)
WHERE state IN ('scheduled', 'retryable');

CREATE INDEX IF NOT EXISTS oban_jobs_completed_at_index
ON oban_jobs (completed_at)
WHERE state = 'completed';

CREATE INDEX IF NOT EXISTS oban_jobs_cancelled_at_index
ON oban_jobs (cancelled_at)
WHERE state = 'cancelled';

CREATE INDEX IF NOT EXISTS oban_jobs_discarded_at_index
ON oban_jobs (discarded_at)
WHERE state = 'discarded';

-- Autovacuum

ALTER TABLE oban_jobs SET (
  -- Vacuum earlier on large tables
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 50,

  -- Keep stats fresh for the planner
  autovacuum_analyze_scale_factor = 0.02,
  autovacuum_analyze_threshold = 100,

  -- Make autovacuum push harder with little/no sleeping
  autovacuum_vacuum_cost_limit = 2000,
  autovacuum_vacuum_cost_delay = 1,

  -- Handle insert-heavy spikes (PG13+)
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_vacuum_insert_threshold = 1000,

  -- Leave headroom on pages for locality and fewer page splits
  fillfactor = 85
);

-- Functions

CREATE OR REPLACE FUNCTION oban_count_estimate(state text, queue text)
RETURNS integer AS $func$
DECLARE
  plan jsonb;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON)
           SELECT id
           FROM oban_jobs
           WHERE state = $1::oban_job_state
           AND queue = $2'
    INTO plan
    USING state, queue;
  RETURN plan->0->'Plan'->'Plan Rows';
END;
$func$
LANGUAGE plpgsql;

-- One live job per piece of work: the key is made from worker and arguments (cinegraph.jobs.worker). A job that has
-- ended leaves the index, so the same work may be asked for again.
CREATE UNIQUE INDEX oban_jobs_live_uniq_key_index
ON oban_jobs ((meta ->> 'uniq_key'))
WHERE meta ? 'uniq_key' AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended');

-- One row per cron slot, however many nodes believe they lead.
CREATE UNIQUE INDEX oban_jobs_cron_slot_index
ON oban_jobs ((meta ->> 'cron_name'), (meta ->> 'cron_at'))
WHERE meta ? 'cron_at';

-- The jobs of one run, for progress and for its end.
CREATE INDEX oban_jobs_run_index
ON oban_jobs ((meta ->> 'run_id'))
WHERE meta ? 'run_id';
