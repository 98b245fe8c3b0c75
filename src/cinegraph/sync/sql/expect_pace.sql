-- Let looks cost what is to be expected, until the films themselves were counted.
-- Parameters: source, kind text; price double precision. Returns: nothing. Locks: the row.
UPDATE vote_pace SET price = %(price)s
WHERE source = %(source)s AND kind = %(kind)s AND fitted_at IS NULL AND price <> %(price)s
