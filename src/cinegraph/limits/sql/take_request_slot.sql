-- What: takes a free slot for a request in flight; one whose lease has run out is free, for its holder is gone.
-- Parameters: source text · slots integer (how many there are) · holder uuid · lease_seconds double precision.
-- Returns: slot; no row when none is free, or another was faster.
-- Locks: the slot's row, until its own commit. Index: the primary key.
WITH free AS (
    SELECT each.slot
    FROM generate_series(1, %(slots)s::integer) AS each (slot)
    WHERE NOT EXISTS (
        SELECT FROM request_slots AS taken
        WHERE taken.source = %(source)s AND taken.slot = each.slot AND taken.leased_until > clock_timestamp()
    )
    ORDER BY random()
    LIMIT 1
)
INSERT INTO request_slots AS held (source, slot, holder, leased_until)
SELECT %(source)s, free.slot, %(holder)s, clock_timestamp() + make_interval(secs => %(lease_seconds)s)
FROM free
ON CONFLICT (source, slot) DO UPDATE
SET holder = excluded.holder, leased_until = excluded.leased_until
WHERE held.leased_until <= clock_timestamp()
RETURNING slot
