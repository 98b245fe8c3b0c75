-- What: the evidence by which a film counts as gone, and what is held back until a person has looked.
-- Returns: nothing. Locks: sync_ledger and movies, exclusively, for an instant.

ALTER TABLE sync_ledger ADD COLUMN last_denied_at timestamptz;
COMMENT ON COLUMN sync_ledger.last_denied_at IS 'The last 404 that counted: another counts only hours later';

CREATE INDEX movies_gone_index ON movies (tmdb_id) WHERE gone_at IS NOT NULL;

CREATE TABLE tombstones (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    movie_id       bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    denied_at      timestamptz NOT NULL,
    last_denied_at timestamptz NOT NULL,
    denials        smallint    NOT NULL,
    missing_since  date        NOT NULL,
    exports        integer     NOT NULL,
    buried_at      timestamptz NOT NULL,
    revived_at     timestamptz,
    revived_by     text,
    cut_at         timestamptz
);
CREATE UNIQUE INDEX tombstones_standing_index ON tombstones (movie_id) WHERE revived_at IS NULL;
COMMENT ON TABLE tombstones IS
    'Films that the source has no longer, with the evidence; the film and all it had stay stored for 180 days, and its ids after that; a film that returns is revived';
COMMENT ON COLUMN tombstones.denied_at IS 'The first 404 since it was last found';
COMMENT ON COLUMN tombstones.denials IS '404s, each hours after the one before';
COMMENT ON COLUMN tombstones.missing_since IS 'The first complete daily list that did not name it';
COMMENT ON COLUMN tombstones.exports IS 'Complete daily lists in a row that did not name it';
COMMENT ON COLUMN tombstones.revived_by IS 'found: the source answered with it again; else who restored it';
COMMENT ON COLUMN tombstones.cut_at IS 'When the film was cut to its ids: the source''s terms allow keeping the rest for 180 days after it was last sent';

CREATE TABLE held_burials (
    movie_id   bigint PRIMARY KEY REFERENCES movies ON DELETE CASCADE,
    held_at    timestamptz NOT NULL,
    allowed_at timestamptz,
    allowed_by text
);
COMMENT ON TABLE held_burials IS
    'Films that would count as gone, held back because too many would on one day: a person allows or refuses them';

CREATE VIEW live_movies AS SELECT * FROM movies WHERE gone_at IS NULL;
COMMENT ON VIEW live_movies IS 'For consumers: films that the source still has';
