-- What: gives a slot back; nothing when its lease ran out and somebody else has it.
-- Parameters: source text · holder uuid.
-- Returns: nothing. Locks: the slot's row, until its own commit. Idempotent.
UPDATE request_slots
SET leased_until = clock_timestamp()
WHERE source = %(source)s AND holder = %(holder)s AND leased_until > clock_timestamp()
