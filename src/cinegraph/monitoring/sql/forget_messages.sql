-- Forget old messages about alerts, and silences that are long over.
-- Parameters: before timestamptz (real time). Returns: nothing. Locks: the rows.
WITH silences AS (
    DELETE FROM alert_silences WHERE until < %(before)s
)
DELETE FROM alert_messages WHERE created_at < %(before)s
