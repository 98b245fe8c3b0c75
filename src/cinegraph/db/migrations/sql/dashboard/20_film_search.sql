-- What: films by the words of all their titles, people by those of their names, whatever accents and case; and the orders in
-- which films are looked through.
-- Returns: nothing. Locks: movies, alternative_titles and people, for the minutes that reading their titles takes.

-- Not a parser's words: those of PostgreSQL take "Face/Off" for a path and "1.5" for a number.
-- The bodies are of the kind that is bound when it is made: indexes are built and analysed without any search path.
CREATE FUNCTION split_words(folded text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_remove(
    regexp_split_to_array(
        translate(folded, '''’ʼ`', ''),
        '[\s!-/:-@\[-`{-~\u00a0-\u00bf\u00d7\u00f7\u2000-\u206f\u3000-\u303f]+'
    ),
    ''
);
COMMENT ON FUNCTION split_words IS 'The words of a name that was folded; apostrophes part none';

CREATE FUNCTION search_words(folded text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_to_tsvector(
    CASE
        WHEN folded ~ '[''’ʼ`]' THEN split_words(folded) || split_words(translate(folded, '''’ʼ`', '    '))
        ELSE split_words(folded)
    END
);
COMMENT ON FUNCTION search_words IS
    'By what a folded name is found: its words, and what an apostrophe parts: schindlers, schindler; damelie, amelie';

-- Under the locale C, which our own server has, lower() knows no letters but Latin ones.
CREATE FUNCTION fold_title(title text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(
    translate(
        fold_name(replace(replace(replace(replace(replace(title, 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), '½', ' 1/2')),
        'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІЈЉЊЋЂЏЅҐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς',
        'абвгдежзиклмнопрстуфхцчшщъыьэюяєіјљњћђџѕґαβγδεζηθικλμνξοπρστυφχψωσ'
    ),
    400
);
COMMENT ON FUNCTION fold_title IS 'A name without accents and case, and no longer than an index can take';

CREATE FUNCTION search_query(asked text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg('''' || word || '''' || CASE WHEN length(word) >= 3 THEN ':*' ELSE '' END, ' & ')::tsquery
    FROM unnest(split_words(fold_title(asked))) AS word
);
COMMENT ON FUNCTION search_query IS
    'What finds the names that have all words asked for; of three letters and more also those that begin so. Null: nothing is asked';

CREATE TABLE movie_titles (
    movie_id bigint   NOT NULL REFERENCES movies ON DELETE CASCADE,
    folded   text     COLLATE "C" NOT NULL,
    words    tsvector NOT NULL,
    PRIMARY KEY (movie_id, folded)
);
COMMENT ON TABLE movie_titles IS
    'Every title of every film, its own, original and alternative ones, as it is searched for: kept by triggers of movies and alternative_titles';
COMMENT ON COLUMN movie_titles.folded IS 'The first 400 characters without accents and case; titles that differ in nothing else are one';

CREATE FUNCTION titles_of(films bigint[]) RETURNS TABLE (movie_id bigint, folded text)
LANGUAGE sql STABLE ROWS 1000 AS $$
    SELECT film.id, fold_title(said.title)
    FROM movies AS film
    CROSS JOIN LATERAL (
        SELECT film.title
        UNION
        SELECT film.original_title WHERE film.original_title IS NOT NULL
        UNION
        SELECT also.title FROM alternative_titles AS also WHERE also.movie_id = film.id
    ) AS said
    WHERE film.id = ANY ($1)
    GROUP BY 1, 2
$$;

CREATE FUNCTION refold_titles(films bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM movie_titles AS stored
    WHERE stored.movie_id = ANY (films)
      AND NOT EXISTS (
          SELECT FROM titles_of(ARRAY[stored.movie_id]) AS said WHERE said.folded = stored.folded COLLATE "C"
      );
    INSERT INTO movie_titles (movie_id, folded, words)
    SELECT said.movie_id, said.folded, search_words(said.folded)
    FROM titles_of(films) AS said
    ORDER BY said.movie_id, said.folded COLLATE "C"
    ON CONFLICT DO NOTHING;
END $$;

-- The first storing, by far the most frequent, looks nothing up.
CREATE FUNCTION fold_new_films() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO movie_titles (movie_id, folded, words)
    SELECT said.id, said.folded, search_words(said.folded)
    FROM (
        SELECT touched.id, fold_title(touched.title) AS folded FROM touched
        UNION
        SELECT touched.id, fold_title(touched.original_title)
        FROM touched
        WHERE touched.original_title <> touched.title
    ) AS said;
    RETURN NULL;
END $$;

CREATE FUNCTION fold_new_titles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO movie_titles (movie_id, folded, words)
    SELECT said.movie_id, said.folded, search_words(said.folded)
    FROM (SELECT DISTINCT touched.movie_id, fold_title(touched.title) AS folded FROM touched) AS said
    ORDER BY said.movie_id, said.folded COLLATE "C"
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION refold_film() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refold_titles(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION refold_films() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refold_titles(ARRAY(SELECT DISTINCT touched.movie_id FROM touched ORDER BY 1));
    RETURN NULL;
END $$;

-- The backfill: one pass over each table, and the index after its rows.
INSERT INTO movie_titles (movie_id, folded, words)
SELECT said.movie_id, said.folded, search_words(said.folded)
FROM (
    SELECT id AS movie_id, fold_title(title) AS folded FROM movies
    UNION
    SELECT id, fold_title(original_title) FROM movies WHERE original_title <> title
    UNION
    SELECT movie_id, fold_title(title) FROM alternative_titles
) AS said;
CREATE INDEX movie_titles_words_index ON movie_titles USING gin (words);
CREATE INDEX movie_titles_folded_index ON movie_titles (folded);

CREATE TRIGGER fold_inserts AFTER INSERT ON movies
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION fold_new_films();
CREATE TRIGGER fold_updates AFTER UPDATE OF title, original_title ON movies FOR EACH ROW
    WHEN ((OLD.title, OLD.original_title) IS DISTINCT FROM (NEW.title, NEW.original_title))
    EXECUTE FUNCTION refold_film();
CREATE TRIGGER fold_inserts AFTER INSERT ON alternative_titles
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION fold_new_titles();
CREATE TRIGGER fold_updates AFTER UPDATE ON alternative_titles
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION refold_films();
CREATE TRIGGER fold_deletes AFTER DELETE ON alternative_titles
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION refold_films();

CREATE INDEX people_words_index ON people USING gin (search_words(fold_title(name)));

-- In the place of one without the id: pages go on from a film, and thousands of films are equally unknown.
DROP INDEX movies_popularity_index;
CREATE INDEX movies_popularity_index ON movies (popularity DESC NULLS LAST, id DESC);
CREATE INDEX movies_release_index ON movies (release_date DESC NULLS LAST, id DESC);
CREATE INDEX change_log_entity_index ON change_log (kind, entity_id, position DESC);
