-- Forget slots of long ago. Parameters: before timestamptz. Returns: nothing. Locks: the rows.
-- Index: schedule_slots_made_index.
DELETE FROM schedule_slots WHERE made_at < %(before)s
