-- The edition of a festival with a number. Parameters: organization_id bigint; number smallint. Returns: year, part. Locks: none.
-- Index: unique organization, year, part.
SELECT year, part
FROM festival_ceremonies
WHERE organization_id = %(organization_id)s AND number = %(number)s
