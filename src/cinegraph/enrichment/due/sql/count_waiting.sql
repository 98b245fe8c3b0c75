-- How many changes the follower has not looked at: those with a position, and entries that wait for one (many changes
-- each; counted up to 10,000). Parameters: none. Returns: changes. Locks: none.
SELECT state.last_position - coalesce(followed.position, 0) + entries.waiting AS changes
FROM enrichment_cursor AS followed
CROSS JOIN change_log_state AS state
CROSS JOIN (SELECT count(*) AS waiting FROM (SELECT FROM change_entries LIMIT 10000) AS counted) AS entries
