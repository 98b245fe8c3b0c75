-- Keep what a pass measured. Parameters: version text; baselines jsonb; now timestamptz. Returns: nothing.
-- Locks: the version's row. Index: primary key.
INSERT INTO cri_baselines AS known (version, baselines, measured_at)
VALUES (%(version)s, %(baselines)s, %(now)s)
ON CONFLICT (version) DO UPDATE SET baselines = excluded.baselines, measured_at = excluded.measured_at
