-- What: which slots of the schedules became which job.
-- Returns: nothing. Locks: new relations.

CREATE TABLE schedule_slots (
    name    text        NOT NULL,
    slot_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    job_id  bigint,
    missed  integer     NOT NULL,
    PRIMARY KEY (name, slot_at)
);
CREATE INDEX schedule_slots_made_index ON schedule_slots (made_at);
COMMENT ON TABLE schedule_slots IS 'Slots that were made a job, in Cinegraph''s time; kept 35 days';
COMMENT ON COLUMN schedule_slots.job_id IS 'Null: the same work was live already';
COMMENT ON COLUMN schedule_slots.missed IS 'Slots before it that passed while nobody was there';
