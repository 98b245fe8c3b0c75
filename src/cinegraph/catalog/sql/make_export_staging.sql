-- Where the lines of a list of films are while it is merged; readable under this name until the transaction ends.
-- Returns: nothing. Locks: a temporary table of this session.
CREATE TEMPORARY TABLE export_staging (
    tmdb_id        integer          NOT NULL,
    popularity     double precision NOT NULL,
    is_adult       boolean          NOT NULL,
    is_video       boolean          NOT NULL,
    original_title text             NOT NULL
) ON COMMIT DROP
