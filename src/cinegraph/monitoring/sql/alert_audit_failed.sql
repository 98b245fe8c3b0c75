-- What: things that have to be true and were not when they were last looked at.
-- Returns: subject, message: one row each. Locks: none.
SELECT
    name AS subject,
    format('%%s rows break it, for example %%s', offenders, coalesce(example, 'an unnamed one')) AS message
FROM self_audits
WHERE offenders > 0
