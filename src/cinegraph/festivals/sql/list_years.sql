-- The years of a festival's editions that have nominations. Parameters: organization text (key).
-- Returns: year, ascending; once for each edition. Locks: none. Index: unique organization, year, part; nominations by ceremony.
SELECT ceremony.year
FROM festival_ceremonies AS ceremony
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE organization.key = %(organization)s
  AND EXISTS (SELECT FROM festival_nominations AS nomination WHERE nomination.ceremony_id = ceremony.id)
ORDER BY ceremony.year
