-- What to do next and why: the ledger says what should be true of each thing, the runs say how far an import is.

CREATE TABLE sync_ledger (
    source      text        NOT NULL,
    kind        text        NOT NULL,
    external_id bigint      NOT NULL,
    state       text        NOT NULL
        CHECK (state IN ('wanted', 'queued', 'fresh', 'empty', 'absent', 'failed', 'quarantined')),
    reason      text        NOT NULL,
    due_at      timestamptz,
    checked_at  timestamptz,
    changed_at  timestamptz,
    attempts    integer     NOT NULL DEFAULT 0,
    error_code  text,
    error       text,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (source, kind, external_id)
) WITH (fillfactor = 85);
CREATE INDEX sync_ledger_due_index ON sync_ledger (source, kind, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sync_ledger_trouble_index ON sync_ledger (state, source, kind) WHERE state IN ('failed', 'quarantined', 'absent');
COMMENT ON TABLE sync_ledger IS 'One row per source and thing: what we know of its state there, and when to look again';
COMMENT ON COLUMN sync_ledger.checked_at IS 'When the source last answered definitively';
COMMENT ON COLUMN sync_ledger.changed_at IS 'When its answer last differed from the one before';
COMMENT ON COLUMN sync_ledger.attempts IS 'Failures since the last definitive answer; all rounds of a run are one';

CREATE TABLE sync_runs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text        NOT NULL,
    arguments    jsonb       NOT NULL,
    requested_by text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('running', 'completed', 'failed', 'cancelled')),
    source       text        NOT NULL,
    note         text,
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    -- Sums of sync_run_items when the run ended; while it runs they are counted.
    planned      integer,
    done         integer,
    absent       integer,
    failed       integer,
    quarantined  integer
);
CREATE INDEX sync_runs_running_index ON sync_runs (id) WHERE state = 'running';
COMMENT ON TABLE sync_runs IS 'Every import a person or a schedule started';

CREATE TABLE sync_run_items (
    run_id      bigint  NOT NULL REFERENCES sync_runs ON DELETE CASCADE,
    kind        text    NOT NULL,
    external_id bigint  NOT NULL,
    state       text    NOT NULL CHECK (state IN ('open', 'waiting', 'done', 'absent', 'failed', 'quarantined', 'cancelled')),
    round       smallint NOT NULL DEFAULT 1,
    due_at      timestamptz,
    error_code  text,
    ended_at    timestamptz,
    PRIMARY KEY (run_id, kind, external_id)
) WITH (fillfactor = 80);
CREATE INDEX sync_run_items_open_index ON sync_run_items (kind, external_id) WHERE state IN ('open', 'waiting');
CREATE INDEX sync_run_items_unfinished_index ON sync_run_items (run_id) WHERE state IN ('open', 'waiting');
CREATE INDEX sync_run_items_ended_index ON sync_run_items (run_id, ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE sync_run_items IS 'What one run has to do, thing by thing: its progress is a count of these rows, so it is exact after any crash';
COMMENT ON COLUMN sync_run_items.state IS 'open: a job is at it; waiting: its attempts are used up, a further round starts at due_at';
COMMENT ON COLUMN sync_run_items.kind IS 'movie, or the list page it was found on (popular_page, top_rated_page)';
