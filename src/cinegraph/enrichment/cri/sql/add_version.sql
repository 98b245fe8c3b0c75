-- Keep a version of the formula; one that is known is left as it is.
-- Parameters: version, description text; terms text[]; weights jsonb; now timestamptz. Returns: nothing.
-- Locks: its row, if it is new. Index: primary key.
INSERT INTO cri_versions (version, description, terms, weights, made_at)
VALUES (%(version)s, %(description)s, %(terms)s, %(weights)s, %(now)s)
ON CONFLICT (version) DO NOTHING
