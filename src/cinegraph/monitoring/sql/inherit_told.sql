-- An alert that opened again soon after it was over, before anybody was told so, goes on for who hears of it.
-- Parameters: real_now timestamptz. Returns: nothing. Locks: the alerts. Index: alerts_untold_index, alerts_open_index.
WITH went_on AS (
    SELECT DISTINCT ON (again.id) again.id AS open_id, before.opened_told_at
    FROM alerts AS again
    INNER JOIN alerts AS before
        ON before.kind = again.kind AND before.subject = again.subject
       AND before.closed_at IS NOT NULL
       AND before.opened_told_at IS NOT NULL AND before.closed_told_at IS NULL
    WHERE again.closed_at IS NULL
    ORDER BY again.id, before.opened_told_at
), ended AS (
    UPDATE alerts AS before SET closed_told_at = %(real_now)s
    FROM alerts AS again
    INNER JOIN went_on ON went_on.open_id = again.id
    WHERE before.kind = again.kind AND before.subject = again.subject
      AND before.closed_at IS NOT NULL
      AND before.opened_told_at IS NOT NULL AND before.closed_told_at IS NULL
)
UPDATE alerts SET opened_told_at = went_on.opened_told_at
FROM went_on
WHERE alerts.id = went_on.open_id AND alerts.opened_told_at IS NULL
