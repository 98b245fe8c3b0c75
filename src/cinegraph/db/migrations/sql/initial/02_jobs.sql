-- What: what the job engine remembers beside Oban's own tables.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE queue_settings (
    queue text PRIMARY KEY CHECK (queue <> ''),
    paused boolean NOT NULL DEFAULT false,
    node_limit integer CHECK (node_limit >= 1),
    updated_at timestamptz NOT NULL
);

COMMENT ON TABLE queue_settings IS
    'The wanted state of each queue, for every node, also those started later; a queue without a row runs as configured';
COMMENT ON COLUMN queue_settings.node_limit IS 'Jobs at once on each node; null: as the node was configured';
COMMENT ON COLUMN queue_settings.updated_at IS 'When a person last paused, resumed or scaled the queue';

CREATE UNLOGGED TABLE heartbeat_epoch (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    since timestamptz NOT NULL
);

COMMENT ON TABLE heartbeat_epoch IS
    'Since when oban_producers is complete: both are unlogged, so a crash of the server empties both';
