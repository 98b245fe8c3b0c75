-- Take away an edition of which nobody has said anything. Parameters: id bigint. Returns: nothing. Locks: the row.
-- Index: primary key.
DELETE FROM festival_ceremonies AS ceremony
WHERE ceremony.id = %(id)s
  AND ceremony.said_at IS NULL
  AND NOT EXISTS (SELECT FROM nomination_statements AS statement WHERE statement.ceremony_id = ceremony.id)
