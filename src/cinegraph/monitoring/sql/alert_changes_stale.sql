-- What: feeds of changes that are not read any more, or whose oldest open day is too old.
-- Parameters: now timestamptz; minute interval: a real minute, in which whoever reads it may do so, when time is played
-- faster; longest interval: since the last reading; behind interval: of the oldest day that is not done.
-- Returns: subject, message: one row a source and kind. Locks: none. A row a day is read.
WITH feed AS MATERIALIZED (
    SELECT
        source, kind, read_at, watermark,
        coalesce(read_at, (
            SELECT min(opened.created_at) FROM change_windows AS opened
            WHERE opened.source = known.source AND opened.kind = known.kind
        )) AS since
    FROM change_feed AS known
)
SELECT
    source || ' ' || kind AS subject,
    format(
        'last read %%s; the oldest day that is not done is %%s: nothing is proven unchanged after it',
        coalesce(to_char(read_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'never'), watermark
    ) AS message
FROM feed
WHERE since < %(now)s - greatest(%(longest)s, %(minute)s)
   OR watermark < (%(now)s - greatest(%(behind)s, %(minute)s)) AT TIME ZONE 'UTC'
