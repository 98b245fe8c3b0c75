-- What a pass measured last. Parameters: version text. Returns: baselines, or no row. Index: primary key.
SELECT baselines FROM cri_baselines WHERE version = %(version)s
