-- Note that a source's word on an edition was taken back: no body is read for it, and it may say little next time. What it said in
-- short stays, so that the same again makes no work. Parameters: ceremony_id bigint; source text. Returns: nothing.
-- Locks: the row; the caller has locked the edition. Index: primary key.
UPDATE festival_edition_sources SET document_id = NULL, nominations = 0
WHERE ceremony_id = %(ceremony_id)s AND source = %(source)s
