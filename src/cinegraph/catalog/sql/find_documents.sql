-- Which documents are stored.
-- Parameters: source, kind text; external_ids text[]. Returns: external_id of each. Locks: none. Index: primary key.
SELECT external_id
FROM documents
WHERE source = %(source)s AND kind = %(kind)s AND external_id = ANY (%(external_ids)s::text[])
