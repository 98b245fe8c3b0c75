-- What: who worked with whom. Details are kept a person and film, thirty rows a film at most, not a pair and film, which
-- would be 435: the pairs of a film are its people joined with themselves (collaboration_films).
-- Returns: nothing. Locks: new relations; people, against writers, while the index on names is made.

CREATE TABLE collaboration_movies (
    movie_id           bigint PRIMARY KEY REFERENCES movies,
    year               smallint,
    rating_thousandths integer,
    revenue_usd        bigint,
    changed_at         timestamptz NOT NULL
);
COMMENT ON TABLE collaboration_movies IS
    'Films whose collaborations were computed, with the facts that are counted in collaborations: to change them is to change the sums in the same transaction. A film with none of its people here (gone, or without credits) counts for nobody';
COMMENT ON COLUMN collaboration_movies.year IS 'Of its release; null: not known';
COMMENT ON COLUMN collaboration_movies.rating_thousandths IS
    'TMDB''s user score, 0 to 10,000: whole numbers, for sums of fractions would drift; null: nobody has voted';
COMMENT ON COLUMN collaboration_movies.changed_at IS 'When what is counted of it last changed';

CREATE TABLE collaboration_people (
    movie_id  bigint NOT NULL REFERENCES collaboration_movies,
    person_id bigint NOT NULL REFERENCES people,
    roles     text[] NOT NULL,
    PRIMARY KEY (movie_id, person_id)
);
CREATE INDEX collaboration_people_person_index ON collaboration_people (person_id, movie_id);
COMMENT ON TABLE collaboration_people IS 'The people of a film who count as having worked together: see ADR 0034';
COMMENT ON COLUMN collaboration_people.roles IS 'cast, and jobs such as Director';

-- Without foreign keys: each would cost two look-ups a pair, and all rows follow from collaboration_people, which has them.
CREATE TABLE collaborations (
    person_a_id        bigint   NOT NULL,
    person_b_id        bigint   NOT NULL,
    revenue_usd        bigint,
    mean_rating        double precision
        GENERATED ALWAYS AS (rating_thousandths / 1000.0::double precision / nullif(rated_films, 0)) STORED,
    films              integer  NOT NULL,
    rated_films        integer  NOT NULL,
    rating_thousandths integer  NOT NULL,
    first_year         smallint,
    latest_year        smallint,
    PRIMARY KEY (person_a_id, person_b_id),
    CHECK (person_a_id < person_b_id)
) WITH (fillfactor = 90);
COMMENT ON TABLE collaborations IS
    'Pairs of people who made films together, each once, with what these films come to; their films are in collaboration_films, the pairs of one person in collaborators';
COMMENT ON COLUMN collaborations.films IS 'At least 1: a pair that has none left is gone';
COMMENT ON COLUMN collaborations.rated_films IS 'Those with a TMDB user score';
COMMENT ON COLUMN collaborations.rating_thousandths IS 'The sum of their scores';
COMMENT ON COLUMN collaborations.mean_rating IS 'Of TMDB''s user scores, 0 to 10; null: none has one';
COMMENT ON COLUMN collaborations.revenue_usd IS 'The sum over the films whose revenue is known; null: of none';
COMMENT ON COLUMN collaborations.first_year IS 'Of the films whose year is known';

CREATE VIEW collaboration_films AS
SELECT
    a.person_id AS person_a_id, b.person_id AS person_b_id, a.movie_id, a.roles AS roles_a, b.roles AS roles_b,
    film.year, film.rating_thousandths / 1000.0::double precision AS rating, film.revenue_usd
FROM collaboration_people AS a
INNER JOIN collaboration_people AS b ON b.movie_id = a.movie_id AND b.person_id > a.person_id
INNER JOIN collaboration_movies AS film ON film.movie_id = a.movie_id;
COMMENT ON VIEW collaboration_films IS 'For consumers: the films of each pair, with what each of the two did; collaborations are the sums';

CREATE VIEW collaborators AS
SELECT
    one.person_id, other.person_id AS collaborator_id, count(*) AS films, min(film.year) AS first_year,
    max(film.year) AS latest_year, avg(film.rating_thousandths)::double precision / 1000 AS mean_rating,
    sum(film.revenue_usd)::bigint AS revenue_usd
FROM collaboration_people AS one
INNER JOIN collaboration_people AS other ON other.movie_id = one.movie_id AND other.person_id <> one.person_id
INNER JOIN collaboration_movies AS film ON film.movie_id = one.movie_id
GROUP BY one.person_id, other.person_id;
COMMENT ON VIEW collaborators IS
    'For consumers: with whom a person worked; ask for one person_id: it is reckoned from the person''s films, as collaborations has no index on its second person';

-- Neither pg_trgm nor unaccent is everywhere; letters that no accent makes are written out.
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(
        lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g')),
        'øØłŁđĐðÐþÞæÆœŒßı',
        'oollddddttaaoosi'
    )
$$;
COMMENT ON FUNCTION fold_name IS 'A name without accents and case, by which people are looked up';

-- Byte by byte: only what is equal is looked up by it.
CREATE INDEX people_name_index ON people (fold_name(name) COLLATE "C");
