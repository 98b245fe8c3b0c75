-- What: changes of nominations for consumers: as a change of the films and of the people that they name.
-- Returns: nothing. Locks: new relations only.

-- Of films and people as they were and as they are; a nomination of which neither is known changes nobody.
CREATE FUNCTION log_nominated(films bigint[], people bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_entries (kind, entity_ids, action, fields)
    SELECT kind, array_agg(id), 'changed', '{nominations}'
    FROM (
        SELECT kind, id, row_number() OVER (PARTITION BY kind) AS number
        FROM (
            SELECT DISTINCT 'movie' AS kind, id FROM unnest($1) AS film (id) WHERE id IS NOT NULL
            UNION ALL
            SELECT DISTINCT 'person', id FROM unnest($2) AS person (id) WHERE id IS NOT NULL
        ) AS named
    ) AS numbered
    GROUP BY kind, (number - 1) / 1000
$$;

CREATE FUNCTION log_nominations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_nominated(
        ARRAY(SELECT film.movie_id FROM touched INNER JOIN nomination_films AS film ON film.nomination_id = touched.id),
        ARRAY(SELECT nominee.person_id FROM touched INNER JOIN nomination_people AS nominee ON nominee.nomination_id = touched.id)
    );
    RETURN NULL;
END $$;

CREATE FUNCTION log_nominated_films() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_nominated(ARRAY(SELECT movie_id FROM touched), NULL);
    RETURN NULL;
END $$;

CREATE FUNCTION log_nominees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_nominated(
        ARRAY(
            SELECT film.movie_id
            FROM touched
            INNER JOIN nomination_films AS film ON film.nomination_id = touched.nomination_id
        ),
        ARRAY(SELECT person_id FROM touched)
    );
    RETURN NULL;
END $$;

-- New ones tell nobody until their films and people are linked, which is told below; deleted ones take these along.
CREATE TRIGGER log_updates AFTER UPDATE ON festival_nominations
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_nominations();

DO $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES ('nomination_films', 'log_nominated_films'), ('nomination_people', 'log_nominees'))
            AS known (relation, function)
    LOOP
        EXECUTE format('CREATE TRIGGER log_inserts AFTER INSERT ON %I REFERENCING NEW TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', part.relation, part.function);
        EXECUTE format('CREATE TRIGGER log_updates AFTER UPDATE ON %I REFERENCING NEW TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', part.relation, part.function);
        EXECUTE format('CREATE TRIGGER log_unlinks AFTER UPDATE ON %I REFERENCING OLD TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', part.relation, part.function);
        EXECUTE format('CREATE TRIGGER log_deletes AFTER DELETE ON %I REFERENCING OLD TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', part.relation, part.function);
    END LOOP;
END $$;
