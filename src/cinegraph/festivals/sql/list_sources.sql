-- How reading sources of festivals went last. Parameters: organization text (null: all). Returns: festival, source, is_default,
-- checked_at, read_at, problem_code, problem; what has a problem first. Locks: none.
SELECT
    organization.key AS festival, known.source, known.source = organization.default_source AS is_default, known.checked_at, known.read_at,
    known.problem_code, known.problem
FROM festival_sources AS known
INNER JOIN festival_organizations AS organization ON organization.id = known.organization_id
WHERE organization.key = %(organization)s OR %(organization)s::text IS NULL
ORDER BY known.problem_code IS NULL, organization.prestige DESC, organization.key, known.source
