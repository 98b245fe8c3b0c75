-- What: what the charts show: how things were, minute by minute.
-- Returns: nothing. Locks: new relations.

CREATE TABLE monitoring_samples (
    minute      timestamptz PRIMARY KEY,
    films       bigint      NOT NULL,
    films_live  bigint      NOT NULL,
    films_fresh bigint      NOT NULL
);
COMMENT ON TABLE monitoring_samples IS
    'How things were in each real minute, written once by the leading node; a minute without a row had no leader. Kept 8 days';
COMMENT ON COLUMN monitoring_samples.films IS 'Stored';
COMMENT ON COLUMN monitoring_samples.films_live IS 'To be here, and of these films_fresh are: the service level freshness';

CREATE TABLE monitoring_queue_samples (
    minute    timestamptz NOT NULL REFERENCES monitoring_samples ON DELETE CASCADE,
    queue     text        NOT NULL,
    waiting   integer     NOT NULL,
    running   integer     NOT NULL,
    completed integer     NOT NULL,
    failed    integer     NOT NULL,
    PRIMARY KEY (minute, queue)
);
COMMENT ON TABLE monitoring_queue_samples IS 'Jobs of each queue in a minute; a queue without a row had none';
COMMENT ON COLUMN monitoring_queue_samples.waiting IS 'That could run when it was sampled, counted up to 10,000';
COMMENT ON COLUMN monitoring_queue_samples.failed IS 'Ended in that minute with no attempt left';

CREATE TABLE monitoring_source_samples (
    minute      timestamptz NOT NULL REFERENCES monitoring_samples ON DELETE CASCADE,
    source      text        NOT NULL,
    requests    integer     NOT NULL,
    throttled   integer     NOT NULL,
    errors      integer     NOT NULL,
    p95_seconds double precision,
    quota_left  integer,
    PRIMARY KEY (minute, source)
);
COMMENT ON TABLE monitoring_source_samples IS
    'What was asked of each source in a minute; one without a row was not asked and has no quota';
COMMENT ON COLUMN monitoring_source_samples.throttled IS 'Answered "too many requests"';
COMMENT ON COLUMN monitoring_source_samples.errors IS 'Not answered, or not with what was asked; 404 is an answer';
COMMENT ON COLUMN monitoring_source_samples.p95_seconds IS 'Null: nothing was asked';
COMMENT ON COLUMN monitoring_source_samples.quota_left IS 'Of the source''s day; null: it has none';
