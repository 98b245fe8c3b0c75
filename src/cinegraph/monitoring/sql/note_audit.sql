-- Write down a look at one thing that has to be true.
-- Parameters: name, example text (null: nothing is wrong); offenders bigint; now timestamptz.
-- Returns: nothing. Locks: the row.
INSERT INTO self_audits AS known (name, offenders, example, checked_at, good_at)
VALUES (%(name)s, %(offenders)s, %(example)s, %(now)s, CASE WHEN %(offenders)s = 0 THEN %(now)s::timestamptz END)
ON CONFLICT (name) DO UPDATE SET
    offenders = excluded.offenders,
    example = excluded.example,
    checked_at = excluded.checked_at,
    good_at = coalesce(excluded.good_at, known.good_at)
