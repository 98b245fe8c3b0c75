-- What: the time Cinegraph lives in, when that is not real time.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE imitated_clock (
    one            boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch          timestamptz      NOT NULL,
    offset_seconds double precision NOT NULL,
    speed          double precision NOT NULL CHECK (speed >= 0),
    set_at         timestamptz      NOT NULL
);

COMMENT ON TABLE imitated_clock IS
    'At real time t it is epoch + offset + (t - epoch) * speed for every process; without a row it is real time';
COMMENT ON COLUMN imitated_clock.set_at IS 'Real time';
