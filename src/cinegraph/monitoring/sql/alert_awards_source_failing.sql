-- What: sources of awards that cannot be read for days, or that answered with something else the last time.
-- Parameters: now timestamptz; longest interval: how long an outage is none of our business.
-- Returns: subject, message: one row a festival and source. Locks: none. A row a festival and source is read.
SELECT organization.key || ' ' || known.source AS subject, format('%%s: %%s', known.problem_code, known.problem) AS message
FROM festival_sources AS known
INNER JOIN festival_organizations AS organization ON organization.id = known.organization_id
WHERE known.problem_code IS NOT NULL
  AND known.problem_code NOT IN ('no_such_edition', 'throttled')
  AND (known.problem_code <> 'unavailable' OR coalesce(known.read_at, known.checked_at - %(longest)s) <= %(now)s - %(longest)s)
