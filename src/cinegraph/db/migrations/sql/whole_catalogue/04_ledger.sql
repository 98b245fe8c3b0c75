-- What: the ledger learns what is worth most and who asked for it, and is counted as it changes.
-- Returns: nothing. Locks: sync_ledger, exclusively, while its indexes are made: seconds at a million rows.

ALTER TABLE sync_ledger
    ADD COLUMN priority  double precision NOT NULL DEFAULT 0,
    ADD COLUMN run_id    bigint           NOT NULL DEFAULT 0,
    ADD COLUMN asked_for text,
    ADD COLUMN queued_at timestamptz;
COMMENT ON COLUMN sync_ledger.priority IS 'What asking is worth, greater first; cinegraph.sync.policy says how it is reckoned';
COMMENT ON COLUMN sync_ledger.run_id IS 'The run whose films the feeder takes it for; 0: routine, for no run';
COMMENT ON COLUMN sync_ledger.asked_for IS 'The id that the source knows it by, where that is another one: the IMDb id at OMDb';
COMMENT ON COLUMN sync_ledger.queued_at IS 'When the feeder or a run last made a job for it';
COMMENT ON COLUMN sync_ledger.due_at IS 'When to ask again; null: nobody wants it asked';

-- What is wanted by its worth, and what is to be looked at again by its time: two questions, two small indexes.
DROP INDEX sync_ledger_due_index;
CREATE INDEX sync_ledger_wanted_index ON sync_ledger (source, kind, run_id, priority DESC)
    WHERE state = 'wanted' AND due_at IS NOT NULL;
CREATE INDEX sync_ledger_due_index ON sync_ledger (source, kind, due_at)
    WHERE due_at IS NOT NULL AND state NOT IN ('wanted', 'queued');
CREATE INDEX sync_ledger_checked_index ON sync_ledger (source, kind, checked_at DESC NULLS LAST);
CREATE INDEX sync_ledger_queued_index ON sync_ledger (source, kind, queued_at) WHERE state = 'queued';

CREATE TABLE sync_ledger_counts (
    source     text   NOT NULL,
    kind       text   NOT NULL,
    state      text   NOT NULL,
    checked_on date   NOT NULL,
    things     bigint NOT NULL,
    PRIMARY KEY (source, kind, state, checked_on)
) WITH (fillfactor = 50);
COMMENT ON TABLE sync_ledger_counts IS
    'Rows of sync_ledger by state and UTC day of the last check (-infinity: never); exact together with sync_ledger_deltas';

CREATE TABLE sync_ledger_deltas (
    source     text   NOT NULL,
    kind       text   NOT NULL,
    state      text   NOT NULL,
    checked_on date   NOT NULL,
    things     bigint NOT NULL
);
COMMENT ON TABLE sync_ledger_deltas IS
    'What transactions added to sync_ledger_counts: appended, so that they never wait for each other, and summed up every few seconds';

CREATE FUNCTION checked_on(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce((at AT TIME ZONE 'UTC')::date, '-infinity'::date);

CREATE FUNCTION count_ledger_inserts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_ledger_deltas
    SELECT source, kind, state, checked_on(checked_at), count(*) FROM fresh GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE FUNCTION count_ledger_updates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_ledger_deltas
    SELECT source, kind, state, checked_on(checked_at), sum(things)
    FROM (
        SELECT source, kind, state, checked_at, 1 AS things FROM fresh
        UNION ALL SELECT source, kind, state, checked_at, -1 FROM stale
    ) AS change
    GROUP BY 1, 2, 3, 4
    HAVING sum(things) <> 0;
    RETURN NULL;
END $$;
CREATE FUNCTION count_ledger_deletes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_ledger_deltas
    SELECT source, kind, state, checked_on(checked_at), -count(*) FROM stale GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE TRIGGER count_inserts AFTER INSERT ON sync_ledger
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_ledger_inserts();
CREATE TRIGGER count_updates AFTER UPDATE ON sync_ledger
    REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION count_ledger_updates();
CREATE TRIGGER count_deletes AFTER DELETE ON sync_ledger
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION count_ledger_deletes();

INSERT INTO sync_ledger_counts
SELECT source, kind, state, checked_on(checked_at), count(*) FROM sync_ledger GROUP BY 1, 2, 3, 4;

CREATE VIEW sync_ledger_totals AS
SELECT source, kind, state, checked_on, sum(things)::bigint AS things
FROM (
    SELECT source, kind, state, checked_on, things FROM sync_ledger_counts
    UNION ALL
    SELECT source, kind, state, checked_on, things FROM sync_ledger_deltas
) AS counted
GROUP BY source, kind, state, checked_on;
COMMENT ON VIEW sync_ledger_totals IS
    'How many things are in each state at each source, by UTC day of the last check: exact, and cheap at any size';

CREATE TABLE catalog_counts (
    name text PRIMARY KEY,
    rows bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE catalog_counts IS 'Rows of the large tables, by name; exact together with catalog_deltas';
CREATE TABLE catalog_deltas (
    name text NOT NULL,
    rows bigint NOT NULL
);
COMMENT ON TABLE catalog_deltas IS
    'What transactions added to catalog_counts: appended, so that they never wait for each other, and summed up every few seconds';

CREATE FUNCTION count_catalog_inserts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added bigint;
BEGIN
    SELECT count(*) INTO added FROM fresh;
    IF added > 0 THEN
        INSERT INTO catalog_deltas VALUES (TG_TABLE_NAME, added);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION count_catalog_deletes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    SELECT count(*) INTO gone FROM stale;
    IF gone > 0 THEN
        INSERT INTO catalog_deltas VALUES (TG_TABLE_NAME, -gone);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_inserts AFTER INSERT ON movies
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_catalog_inserts();
CREATE TRIGGER count_deletes AFTER DELETE ON movies
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION count_catalog_deletes();
CREATE TRIGGER count_inserts AFTER INSERT ON people
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_catalog_inserts();
CREATE TRIGGER count_deletes AFTER DELETE ON people
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION count_catalog_deletes();
CREATE TRIGGER count_inserts AFTER INSERT ON credits
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_catalog_inserts();
CREATE TRIGGER count_deletes AFTER DELETE ON credits
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION count_catalog_deletes();
INSERT INTO catalog_counts
SELECT 'movies', count(*) FROM movies
UNION ALL SELECT 'people', count(*) FROM people
UNION ALL SELECT 'credits', count(*) FROM credits;

CREATE VIEW catalog_totals AS
SELECT name, sum(rows)::bigint AS rows
FROM (SELECT name, rows FROM catalog_counts UNION ALL SELECT name, rows FROM catalog_deltas) AS counted
GROUP BY name;
COMMENT ON VIEW catalog_totals IS 'How many rows movies, people and credits have: exact, and cheap at any size';
