-- What: runs of a million films: what is planned but not yet queued, what is left for another day, counts as they change.
-- Returns: nothing. Locks: sync_runs and sync_run_items, exclusively, while constraints and indexes are made.

ALTER TABLE sync_runs DROP CONSTRAINT sync_runs_state_check;
ALTER TABLE sync_runs ADD CONSTRAINT sync_runs_state_check
    CHECK (state IN ('running', 'paused', 'completed', 'failed', 'cancelled'));
DROP INDEX sync_runs_running_index;
CREATE INDEX sync_runs_running_index ON sync_runs (id) WHERE state IN ('running', 'paused');
COMMENT ON COLUMN sync_runs.state IS 'paused: nothing of it is queued until it is resumed; what runs already ends';

ALTER TABLE sync_run_items DROP CONSTRAINT sync_run_items_state_check;
ALTER TABLE sync_run_items ADD CONSTRAINT sync_run_items_state_check CHECK (
    state IN ('planned', 'open', 'waiting', 'done', 'absent', 'failed', 'quarantined', 'cancelled', 'deferred')
);
DROP INDEX sync_run_items_open_index;
DROP INDEX sync_run_items_unfinished_index;
CREATE INDEX sync_run_items_open_index ON sync_run_items (kind, external_id) WHERE state IN ('planned', 'open', 'waiting');
CREATE INDEX sync_run_items_unfinished_index ON sync_run_items (run_id, state) WHERE state IN ('open', 'waiting');
COMMENT ON COLUMN sync_run_items.state IS
    'planned: the feeder makes its job when it can be served; open: a job is at it; waiting: its attempts are used up, a further round starts at due_at; deferred: left to the backlog, because the source''s day is used up';
COMMENT ON COLUMN sync_run_items.kind IS
    'A stage of the run: movie (TMDB''s id), omdb (TMDB''s id of the film), a list page (popular_page, top_rated_page), export, id_range (its first id)';

CREATE TABLE sync_run_counts (
    run_id bigint NOT NULL REFERENCES sync_runs ON DELETE CASCADE,
    kind   text   NOT NULL,
    state  text   NOT NULL,
    items  bigint NOT NULL,
    PRIMARY KEY (run_id, kind, state)
) WITH (fillfactor = 50);
COMMENT ON TABLE sync_run_counts IS 'Rows of sync_run_items by run, stage and state; exact together with sync_run_deltas';

CREATE TABLE sync_run_deltas (
    run_id bigint NOT NULL REFERENCES sync_runs ON DELETE CASCADE,
    kind   text   NOT NULL,
    state  text   NOT NULL,
    minute timestamptz,
    items  bigint NOT NULL
);
COMMENT ON TABLE sync_run_deltas IS
    'What transactions added to sync_run_counts and sync_run_minutes: appended, so that they never wait for each other, and summed up every few seconds';
COMMENT ON COLUMN sync_run_deltas.minute IS 'In which the items ended; null: they have not';

CREATE TABLE sync_run_minutes (
    run_id bigint      NOT NULL REFERENCES sync_runs ON DELETE CASCADE,
    kind   text        NOT NULL,
    state  text        NOT NULL,
    minute timestamptz NOT NULL,
    items  bigint      NOT NULL,
    PRIMARY KEY (run_id, kind, state, minute)
) WITH (fillfactor = 50);
COMMENT ON TABLE sync_run_minutes IS
    'Rows of sync_run_items that have ended, by run, stage, state and the minute in which they did; exact together with sync_run_deltas';

CREATE FUNCTION minute_of(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_bin('1 minute', at, timestamptz '2000-01-01 00:00:00+00');

CREATE FUNCTION count_run_item_inserts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_run_deltas (run_id, kind, state, minute, items)
    SELECT run_id, kind, state, minute_of(ended_at), count(*) FROM fresh GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE FUNCTION count_run_item_updates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_run_deltas (run_id, kind, state, minute, items)
    SELECT run_id, kind, state, minute_of(ended_at), sum(items)
    FROM (
        SELECT run_id, kind, state, ended_at, 1 AS items FROM fresh
        UNION ALL SELECT run_id, kind, state, ended_at, -1 FROM stale
    ) AS change
    GROUP BY 1, 2, 3, 4
    HAVING sum(items) <> 0;
    RETURN NULL;
END $$;
-- Rows go only with their run, and its counts with them.
CREATE TRIGGER count_inserts AFTER INSERT ON sync_run_items
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_run_item_inserts();
CREATE TRIGGER count_updates AFTER UPDATE ON sync_run_items
    REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION count_run_item_updates();

INSERT INTO sync_run_counts SELECT run_id, kind, state, count(*) FROM sync_run_items GROUP BY run_id, kind, state;
INSERT INTO sync_run_minutes
SELECT run_id, kind, state, minute_of(ended_at), count(*) FROM sync_run_items WHERE ended_at IS NOT NULL GROUP BY 1, 2, 3, 4;

CREATE VIEW sync_run_totals AS
SELECT run_id, kind, state, sum(items)::bigint AS items
FROM (
    SELECT run_id, kind, state, items FROM sync_run_counts
    UNION ALL
    SELECT run_id, kind, state, items FROM sync_run_deltas
) AS counted
GROUP BY run_id, kind, state;
COMMENT ON VIEW sync_run_totals IS 'How many items of each stage of a run are in each state: exact, and cheap at any size';

CREATE VIEW sync_run_ended AS
SELECT run_id, kind, state, minute, sum(items)::bigint AS items
FROM (
    SELECT run_id, kind, state, minute, items FROM sync_run_minutes
    UNION ALL
    SELECT run_id, kind, state, minute, items FROM sync_run_deltas WHERE minute IS NOT NULL
) AS counted
GROUP BY run_id, kind, state, minute;
COMMENT ON VIEW sync_run_ended IS 'How many items of a run ended in each minute: exact, and cheap at any size';

CREATE TABLE schedules (
    name        text PRIMARY KEY,
    next_at     timestamptz NOT NULL,
    last_at     timestamptz,
    last_job_id bigint,
    missed      integer     NOT NULL DEFAULT 0,
    is_paused   boolean     NOT NULL DEFAULT false,
    updated_at  timestamptz NOT NULL
);
COMMENT ON TABLE schedules IS 'When each schedule of cinegraph.sync.schedule is due next, in Cinegraph''s time: once, whichever node leads';
COMMENT ON COLUMN schedules.last_at IS 'The slot that was last made a job';
COMMENT ON COLUMN schedules.missed IS 'Slots that passed while nobody was there, caught up by one job each time';

CREATE TABLE rebuild_shards (
    run_id           bigint      NOT NULL REFERENCES sync_runs ON DELETE CASCADE,
    source           text        NOT NULL,
    kind             text        NOT NULL,
    shard            smallint    NOT NULL,
    first_id         text,
    end_id           text,
    last_id          text,
    documents        bigint      NOT NULL DEFAULT 0,
    rebuilt          bigint      NOT NULL DEFAULT 0,
    failed           bigint      NOT NULL DEFAULT 0,
    finished_at      timestamptz,
    PRIMARY KEY (run_id, source, kind, shard)
);
COMMENT ON TABLE rebuild_shards IS 'How far `cinegraph rebuild` is, range by range of documents, so that it goes on where it was stopped';
COMMENT ON COLUMN rebuild_shards.last_id IS 'The last document whose rows are made; null: none yet';
