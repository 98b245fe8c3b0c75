-- Say why this transaction changes films; the change log keeps it.
-- Parameters: reason text. Returns: one row of no interest. Locks: nothing.
SELECT set_config('cinegraph.change_reason', %(reason)s, true)
