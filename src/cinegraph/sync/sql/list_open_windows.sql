-- The days of a feed that are not done, newest first.
-- Parameters: source, kind text. Returns: day. Locks: none. Index: primary key.
SELECT day FROM change_windows
WHERE source = %(source)s AND kind = %(kind)s AND state = 'open'
ORDER BY day DESC
