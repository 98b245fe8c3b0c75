-- Make the nominations of an edition equal to what sources mean; rows that are right are not touched.
-- Parameters: ceremony_id bigint; nominations text: JSON, a list of id, category_id, category_name, is_winner, songs, country,
-- subject, credit, note, citation, position; now timestamptz.
-- Returns: id, is_new, of what was written; is_new is null of what is gone. Locks: the rows; the caller has locked the edition. Index: primary key.
WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(nominations)s::text::jsonb) AS given (
        id bigint, category_id bigint, category_name text, is_winner boolean, songs text[], country text, subject text,
        credit text, note text, citation text, position integer
    )
), gone AS (
    -- What a person decided outlasts the source that said it.
    DELETE FROM festival_nominations AS known
    WHERE known.ceremony_id = %(ceremony_id)s
      AND NOT EXISTS (SELECT FROM given WHERE given.id = known.id)
      AND NOT EXISTS (SELECT FROM nomination_films AS film WHERE film.nomination_id = known.id AND film.is_locked)
      AND NOT EXISTS (SELECT FROM nomination_people AS nominee WHERE nominee.nomination_id = known.id AND nominee.is_locked)
    RETURNING known.id
), written AS (
    INSERT INTO festival_nominations AS known (
        id, ceremony_id, category_id, category_name, is_winner, songs, country, subject, credit, note, citation, position,
        created_at, updated_at
    )
    OVERRIDING SYSTEM VALUE
    SELECT
        given.id, %(ceremony_id)s, given.category_id, given.category_name, given.is_winner, given.songs, given.country,
        given.subject, given.credit, given.note, given.citation, given.position, %(now)s, %(now)s
    FROM given
    ORDER BY given.id
    ON CONFLICT (id) DO UPDATE SET
        category_id = excluded.category_id,
        category_name = excluded.category_name,
        is_winner = excluded.is_winner,
        songs = excluded.songs,
        country = excluded.country,
        subject = excluded.subject,
        credit = excluded.credit,
        note = excluded.note,
        citation = excluded.citation,
        position = excluded.position,
        updated_at = excluded.updated_at
    WHERE (
        known.category_id, known.category_name, known.is_winner, known.songs, known.country, known.subject, known.credit,
        known.note, known.citation, known.position
    ) IS DISTINCT FROM (
        excluded.category_id, excluded.category_name, excluded.is_winner, excluded.songs, excluded.country, excluded.subject,
        excluded.credit, excluded.note, excluded.citation, excluded.position
    )
    RETURNING known.id, known.created_at = known.updated_at AS is_new
)
SELECT id, is_new FROM written
UNION ALL
SELECT id, NULL FROM gone
