-- What: keeps a slot for a request that is still in flight; nothing when its lease ran out or it was given back.
-- Parameters: source text · holder uuid · lease_seconds double precision.
-- Returns: nothing. Locks: the slot's row, until its own commit. Idempotent.
UPDATE request_slots
SET leased_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
WHERE source = %(source)s AND holder = %(holder)s AND leased_until > clock_timestamp()
