-- What: quotas a day, one row a source and key, and how many requests of a source may be in flight at once.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE daily_quotas (
    source          text        NOT NULL CHECK (source <> ''),
    key_fingerprint text        NOT NULL,
    daily_limit     integer     NOT NULL CHECK (daily_limit >= 1),
    learned_limit   integer     CHECK (learned_limit >= 1),
    learned_at      timestamptz,
    configured_at   timestamptz NOT NULL,
    day_started_at  timestamptz NOT NULL,
    day_ends_at     timestamptz NOT NULL,
    used            integer     NOT NULL DEFAULT 0,
    background_used integer     NOT NULL DEFAULT 0,
    exhausted_at    timestamptz,
    refused_at      timestamptz,
    refusals        integer     NOT NULL DEFAULT 0,
    probed_at       timestamptz,
    reset_seconds   integer     NOT NULL DEFAULT 0 CHECK (reset_seconds BETWEEN 0 AND 86399),
    is_reset_known  boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (source, key_fingerprint),
    CHECK (day_started_at < day_ends_at),
    CHECK ((exhausted_at IS NULL) = (refused_at IS NULL))
) WITH (fillfactor = 50);

COMMENT ON TABLE daily_quotas IS
    'What a key may ask a source in a day, and what it has asked: counted before the request goes. Times are Cinegraph''s';
COMMENT ON COLUMN daily_quotas.key_fingerprint IS 'Of the key, never the key; empty for none';
COMMENT ON COLUMN daily_quotas.daily_limit IS 'As configured';
COMMENT ON COLUMN daily_quotas.learned_limit IS 'What the source let through before it said that the day is used up; null: never less than configured';
COMMENT ON COLUMN daily_quotas.configured_at IS 'Real time; the key of a source that was configured last is the one in use';
COMMENT ON COLUMN daily_quotas.day_started_at IS 'Since when used counts: the beginning of the source''s day, or the first request';
COMMENT ON COLUMN daily_quotas.day_ends_at IS 'When the day is believed to end';
COMMENT ON COLUMN daily_quotas.background_used IS 'The part of used that nobody waited for';
COMMENT ON COLUMN daily_quotas.exhausted_at IS 'When the source said that the day is used up; null: it answers';
COMMENT ON COLUMN daily_quotas.refused_at IS 'When it last said so: it is asked again some time later, whatever the hour of reset is believed to be';
COMMENT ON COLUMN daily_quotas.refusals IS 'How often it said so since, and since the day began: so many of used were not answered';
COMMENT ON COLUMN daily_quotas.probed_at IS 'When one request was last let through since, to find out';
COMMENT ON COLUMN daily_quotas.reset_seconds IS 'Second of the UTC day at which a new day of the source begins';
COMMENT ON COLUMN daily_quotas.is_reset_known IS 'False: midnight by hearsay; true: seen';

CREATE TABLE quota_days (
    source          text        NOT NULL,
    key_fingerprint text        NOT NULL,
    day_started_at  timestamptz NOT NULL,
    day_ended_at    timestamptz NOT NULL,
    daily_limit     integer     NOT NULL,
    used            integer     NOT NULL,
    background_used integer     NOT NULL,
    exhausted_at    timestamptz,
    PRIMARY KEY (source, key_fingerprint, day_started_at)
);
COMMENT ON TABLE quota_days IS 'The days that are over, as daily_quotas counted them';

CREATE TABLE request_slots (
    source       text        NOT NULL,
    slot         smallint    NOT NULL,
    holder       uuid        NOT NULL,
    leased_until timestamptz NOT NULL,
    PRIMARY KEY (source, slot)
) WITH (fillfactor = 50);
COMMENT ON TABLE request_slots IS
    'Requests in flight, where a source allows only so many at once in the whole deployment. Real time';
