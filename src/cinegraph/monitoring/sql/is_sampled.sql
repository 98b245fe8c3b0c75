-- Whether a minute has its sample. Parameters: minute timestamptz. Returns: one boolean. Locks: none.
SELECT EXISTS (SELECT FROM monitoring_samples WHERE minute = %(minute)s)
