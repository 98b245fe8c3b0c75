-- Have an edition, and let it say what is known of it; what is not said stays as it was.
-- Parameters: organization text (key); year, part, number smallint; eligibility text; now timestamptz.
-- Returns: id; no row where there is no such festival. Locks: the row. Index: unique organization, year, part.
INSERT INTO festival_ceremonies AS known (organization_id, year, part, number, eligibility, created_at, updated_at)
SELECT organization.id, %(year)s, %(part)s, %(number)s, %(eligibility)s, %(now)s, %(now)s
FROM festival_organizations AS organization
WHERE organization.key = %(organization)s
ON CONFLICT (organization_id, year, part) DO UPDATE SET
    number = coalesce(excluded.number, known.number),
    eligibility = coalesce(excluded.eligibility, known.eligibility),
    updated_at = CASE
        WHEN (coalesce(excluded.number, known.number), coalesce(excluded.eligibility, known.eligibility))
            IS DISTINCT FROM (known.number, known.eligibility) THEN excluded.updated_at
        ELSE known.updated_at
    END
RETURNING known.id
