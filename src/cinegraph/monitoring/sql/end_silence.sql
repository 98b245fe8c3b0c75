-- Let alerts be told again before their silence is over.
-- Parameters: id bigint; real_now timestamptz. Returns: nothing; its row count is 0 where it was over. Locks: the row.
UPDATE alert_silences SET until = %(real_now)s WHERE id = %(id)s AND until > %(real_now)s
