-- Give ids to nominations that are new. Parameters: count integer. Returns: id. Locks: none.
SELECT nextval(pg_get_serial_sequence('festival_nominations', 'id')) FROM generate_series(1, %(count)s)
