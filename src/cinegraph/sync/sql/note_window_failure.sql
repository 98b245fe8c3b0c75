-- Note that a day of a feed could not be read to its end.
-- Parameters: source, kind, error_code, error text; day date. Returns: nothing. Locks: the row.
UPDATE change_windows SET
    failures = failures + 1,
    error_code = %(error_code)s,
    error = %(error)s
WHERE source = %(source)s AND kind = %(kind)s AND day = %(day)s AND state = 'open'
