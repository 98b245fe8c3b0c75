-- What changes whenever something changes that a page shows; each part is the end of an index or a row of a small table.
-- Parameters: none. Returns: one text. Locks: none. Index: the primary keys, backwards.
SELECT concat_ws(
    ' ',
    (SELECT max(id) FROM oban_jobs),
    (SELECT max(id) FROM operator_actions),
    (SELECT max(id) FROM sync_runs),
    (SELECT concat_ws(',', count(*), max(opened_at)) FROM alerts WHERE closed_at IS NULL),
    (SELECT string_agg(concat_ws(',', name, rows), ';' ORDER BY name) FROM catalog_totals),
    (SELECT string_agg(concat_ws(',', id, state), ';' ORDER BY id) FROM sync_runs WHERE finished_at IS NULL),
    (
        SELECT string_agg(concat_ws(',', source, state, checked_on, things), ';' ORDER BY source, kind, state, checked_on)
        FROM sync_ledger_totals
    ),
    (SELECT concat_ws(',', max(until), count(*)) FROM alert_silences),
    (SELECT concat_ws(',', id, attempts, sent_at, given_up_at) FROM alert_messages ORDER BY id DESC LIMIT 1),
    (SELECT concat_ws(',', max(updated_at), count(*) FILTER (WHERE is_paused)) FROM schedules),
    (SELECT string_agg(concat_ws(',', queue, paused, node_limit), ';' ORDER BY queue) FROM queue_settings)
)
