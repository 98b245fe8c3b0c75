-- Lists that are to be read again by themselves; one that could not be read, or not be believed, daily.
-- Parameters: now timestamptz. Returns: id, those that wait longest first. Locks: none. Reads all lists: there are tens of them.
SELECT id
FROM lists
WHERE refresh_days IS NOT NULL
  -- An hour early: what is read daily is looked for at the same time every day, and was read minutes after it.
  AND coalesce(
      checked_at + make_interval(days => CASE WHEN state = 'current' THEN refresh_days ELSE 1 END) - interval '1 hour' <= %(now)s, true
  )
ORDER BY checked_at NULLS FIRST, id
