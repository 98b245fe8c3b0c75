-- What: for each film the films most like it; what they have in common is told when it is read.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE recommendation_movies (
    movie_id   bigint      PRIMARY KEY REFERENCES movies ON DELETE CASCADE,
    movie_ids  bigint[]    NOT NULL DEFAULT '{}',
    scores     real[]      NOT NULL DEFAULT '{}',
    parts      bytea       NOT NULL DEFAULT '',
    words      integer[]   NOT NULL DEFAULT '{}',
    impossible text,
    changed_at timestamptz NOT NULL,
    CHECK (cardinality(movie_ids) = cardinality(scores))
);
CREATE INDEX recommendation_movies_words_index ON recommendation_movies USING gin (words);
COMMENT ON TABLE recommendation_movies IS
    'What was computed for each film, one row a film: as rows of their own, fifty a film, the same would take several times the room. For consumers there is recommendations';
COMMENT ON COLUMN recommendation_movies.movie_ids IS
    'The films most like it, the best first: more than are shown, so that reading can choose among them';
COMMENT ON COLUMN recommendation_movies.scores IS 'Of each, in the same order, above 0';
COMMENT ON COLUMN recommendation_movies.parts IS
    'Of each, in the same order, one byte for each row of recommendation_kinds by id: its share of the likeness, in 255ths';
COMMENT ON COLUMN recommendation_movies.words IS 'Of title, tagline and overview, each as the CRC-32 of the word: by it films with a word are found';
COMMENT ON COLUMN recommendation_movies.impossible IS 'Why nothing can be recommended; null: something can';
COMMENT ON COLUMN recommendation_movies.changed_at IS 'When what is stored here last changed';

CREATE TABLE recommendation_kinds (
    id   smallint PRIMARY KEY,
    name text     NOT NULL UNIQUE
);
COMMENT ON TABLE recommendation_kinds IS 'What films can have in common; weights and reasons stand in the guide on recommendations';
INSERT INTO recommendation_kinds (id, name) VALUES
    (1, 'series'), (2, 'director'), (3, 'cast'), (4, 'crew'), (5, 'keywords'), (6, 'companies'), (7, 'words'), (8, 'beside'),
    (9, 'lists'), (10, 'awards'), (11, 'genres'), (12, 'language'), (13, 'era');

CREATE TABLE recommendation_features (
    kind  smallint NOT NULL,
    key   integer  NOT NULL,
    films integer  NOT NULL CHECK (films > 0),
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 90);
COMMENT ON TABLE recommendation_features IS
    'How many films have a feature, as the last pass over all films counted; those of one film alone are left out. What few films have tells most';
COMMENT ON COLUMN recommendation_features.kind IS 'As in recommendation_kinds; 0: the number of films that were counted, under key 0';
COMMENT ON COLUMN recommendation_features.key IS
    'Our id of a collection, person, keyword, company, list or genre; TMDB''s of a film; CRC-32 of a word or language; an edition''s id times 16384 plus a category''s; a span of five years';

CREATE VIEW recommendations AS
SELECT
    stored.movie_id,
    pair.recommended_movie_id,
    film.title AS recommended_title,
    extract(YEAR FROM film.release_date)::smallint AS recommended_year,
    pair.position::integer AS position,
    pair.score,
    ARRAY(
        SELECT kind.name
        FROM recommendation_kinds AS kind
        WHERE get_byte(stored.parts, (pair.position::integer - 1) * 13 + kind.id - 1) >= 13
        ORDER BY get_byte(stored.parts, (pair.position::integer - 1) * 13 + kind.id - 1) DESC, kind.id
    ) AS because,
    told.position AS tmdb_position
FROM recommendation_movies AS stored
CROSS JOIN LATERAL unnest(stored.movie_ids, stored.scores)
    WITH ORDINALITY AS pair (recommended_movie_id, score, position)
INNER JOIN movies AS film ON film.id = pair.recommended_movie_id
INNER JOIN movies AS seed ON seed.id = stored.movie_id
LEFT JOIN source_recommendations AS told
    ON told.movie_id = stored.movie_id AND told.source = 'tmdb' AND told.recommended_tmdb_id = film.tmdb_id
WHERE film.gone_at IS NULL AND NOT film.is_adult AND seed.gone_at IS NULL;
COMMENT ON VIEW recommendations IS
    'For consumers: the films most like each film, never one for adults or that is gone; because: what they have in common, most first; tmdb_position: where TMDB recommends it, too; null: it does not';

CREATE VIEW tmdb_recommendations AS
SELECT
    told.movie_id, film.id AS recommended_movie_id, film.title AS recommended_title,
    extract(YEAR FROM film.release_date)::smallint AS recommended_year, told.position, told.recommended_tmdb_id
FROM source_recommendations AS told
LEFT JOIN movies AS film ON film.tmdb_id = told.recommended_tmdb_id
WHERE told.source = 'tmdb' AND (film.id IS NULL OR (film.gone_at IS NULL AND NOT film.is_adult));
COMMENT ON VIEW tmdb_recommendations IS
    'For consumers: what TMDB itself recommends, kept beside ours; recommended_movie_id null: the film is not in the catalogue';
