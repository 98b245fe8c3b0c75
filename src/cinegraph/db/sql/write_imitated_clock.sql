-- Let the deployment live in an imitated time.
-- Parameters: epoch, real_now timestamptz; offset_seconds, speed double precision. Returns: nothing. Locks: the row.
INSERT INTO imitated_clock AS known (epoch, offset_seconds, speed, set_at)
VALUES (%(epoch)s, %(offset_seconds)s, %(speed)s, %(real_now)s)
ON CONFLICT (one) DO UPDATE SET
    epoch = excluded.epoch,
    offset_seconds = excluded.offset_seconds,
    speed = excluded.speed,
    set_at = excluded.set_at
