-- What: request budgets, one row a source, and what was asked of the sources, minute by minute.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE request_budgets (
    source text PRIMARY KEY CHECK (source <> ''),
    rate_per_second double precision NOT NULL CHECK (rate_per_second >= 0),
    burst integer NOT NULL CHECK (burst >= 1),
    upstream_per_second double precision CHECK (upstream_per_second > 0),
    configured_at timestamptz NOT NULL,
    next_slot_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,
    generation bigint NOT NULL DEFAULT 0,
    paused_at timestamptz,
    paused_until timestamptz,
    pause_reason text,
    throttled_at timestamptz,
    throttled_count bigint NOT NULL DEFAULT 0,
    refusals integer NOT NULL DEFAULT 0,
    strikes integer NOT NULL DEFAULT 0,
    slow_factor double precision NOT NULL DEFAULT 1 CHECK (slow_factor > 0 AND slow_factor <= 1),
    slowed_at timestamptz,
    halted_at timestamptz,
    halt_reason text,
    halted_key text,
    probed_at timestamptz,
    CHECK ((paused_at IS NULL) = (paused_until IS NULL)),
    CHECK ((halted_at IS NULL) = (halted_key IS NULL))
) WITH (fillfactor = 50);  -- updated some ten times a second: room for the new version beside the old one

COMMENT ON TABLE request_budgets IS
    'How fast each source may be asked, shared by every process. All times are real time by the database''s clock';
COMMENT ON COLUMN request_budgets.rate_per_second IS
    'The rate of the paced process that started last; 0: only unpaced processes have started';
COMMENT ON COLUMN request_budgets.burst IS 'As many requests may go at once after a rest';
COMMENT ON COLUMN request_budgets.upstream_per_second IS 'What the upstream allows, for the reports; null: not known';
COMMENT ON COLUMN request_budgets.next_slot_at IS 'The first instant that is not given away yet';
COMMENT ON COLUMN request_budgets.touched_at IS 'When the row last moved; in the future: the clock was set back';
COMMENT ON COLUMN request_budgets.generation IS 'Slots leased under an older generation are void';
COMMENT ON COLUMN request_budgets.throttled_at IS 'The last 429';
COMMENT ON COLUMN request_budgets.throttled_count IS '429 answers since the row exists';
COMMENT ON COLUMN request_budgets.refusals IS '429 answers since the last success';
COMMENT ON COLUMN request_budgets.strikes IS 'Pauses since the last success: each doubles the next one';
COMMENT ON COLUMN request_budgets.slow_factor IS 'Share of the rate that was left at slowed_at; grows back with time';
COMMENT ON COLUMN request_budgets.halted_key IS 'Fingerprint of the refused key; processes with another key go on';
COMMENT ON COLUMN request_budgets.probed_at IS 'When a halted source was last asked, or was halted';

CREATE TABLE request_usage (
    minute timestamptz NOT NULL,
    source text NOT NULL,
    endpoint text NOT NULL,
    outcome text NOT NULL,
    requests integer NOT NULL CHECK (requests > 0),
    elapsed_seconds double precision NOT NULL,
    latency integer[] NOT NULL,
    PRIMARY KEY (minute, source, endpoint, outcome)
);

COMMENT ON TABLE request_usage IS
    'Requests sent, by real minute, source, endpoint and outcome. A killed process loses its last second';
COMMENT ON COLUMN request_usage.elapsed_seconds IS 'Sum over the requests, from sending to the whole body';
COMMENT ON COLUMN request_usage.latency IS
    'Requests by duration; the buckets end at the bounds in cinegraph.limits.latency, the last has no end';

CREATE TABLE request_seconds (
    minute timestamptz NOT NULL,
    source text NOT NULL,
    sent integer[] NOT NULL CHECK (cardinality(sent) = 60),
    PRIMARY KEY (minute, source)
);

COMMENT ON TABLE request_seconds IS
    'Requests sent in each second of a minute by all processes (by their own clocks): where the worst second is';

-- Adds element by element; a missing element counts as 0.
CREATE FUNCTION add_counts(a integer[], b integer[]) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY place)
    FROM unnest(a, b) WITH ORDINALITY AS pair (x, y, place)
);
