-- Note that a list moved the popularity of many films: one change for all of them.
-- Parameters: now timestamptz, which the films have as updated_at. Returns: one row of no interest. Locks: nothing.
SELECT note_change('movie', NULL, 'listed', fields => '{popularity}', changed_at => %(now)s)
