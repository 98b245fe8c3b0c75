-- Where the lines of a list of ratings are while it is merged. Returns: nothing. Locks: a temporary table.
CREATE TEMPORARY TABLE rating_staging (
    imdb_id text COLLATE "C"  NOT NULL,
    value   double precision NOT NULL,
    votes   integer          NOT NULL
) ON COMMIT DROP
