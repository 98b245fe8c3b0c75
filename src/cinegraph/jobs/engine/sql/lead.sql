-- What: renews this node's lead, or takes it when nobody's lease runs.
-- Parameters: name text: the deployment; holder text: this process; lease double precision: seconds.
-- Returns: one row when this process leads, none otherwise.
-- Locks: the leader's row. Real time of the database, which all nodes share.
INSERT INTO oban_leaders AS leader (name, node, elected_at, expires_at)
SELECT %(name)s, %(holder)s, moment.at, moment.at + make_interval(secs => %(lease)s)
FROM (SELECT timezone('UTC', clock_timestamp()) AS at) AS moment
ON CONFLICT (name) DO UPDATE SET
    node = excluded.node,
    elected_at = CASE WHEN leader.node = excluded.node THEN leader.elected_at ELSE excluded.elected_at END,
    expires_at = excluded.expires_at
WHERE leader.node = excluded.node OR leader.expires_at < excluded.elected_at
RETURNING node
