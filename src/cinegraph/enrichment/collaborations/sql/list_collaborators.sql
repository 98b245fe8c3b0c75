-- With whom a person made most films. Parameters: person_id bigint; most integer.
-- Returns: tmdb_id, name, films, first_year, latest_year, mean_rating, revenue_usd, roles (what they did in these films) of
-- each, the most films first. Index: collaboration_people_person_index, primary keys.
SELECT
    person.tmdb_id, person.name, with_whom.films, with_whom.first_year, with_whom.latest_year, with_whom.mean_rating,
    with_whom.revenue_usd,
    ARRAY(
        SELECT role.name
        FROM collaboration_people AS one
        INNER JOIN collaboration_people AS other
            ON other.movie_id = one.movie_id AND other.person_id = with_whom.collaborator_id
        CROSS JOIN LATERAL unnest(other.roles) AS role (name)
        WHERE one.person_id = %(person_id)s
        GROUP BY role.name
        ORDER BY count(*) DESC, role.name
    ) AS roles
FROM (
    SELECT *
    FROM collaborators
    WHERE person_id = %(person_id)s
    ORDER BY films DESC, latest_year DESC NULLS LAST, collaborator_id
    LIMIT %(most)s
) AS with_whom
INNER JOIN people AS person ON person.id = with_whom.collaborator_id
ORDER BY with_whom.films DESC, with_whom.latest_year DESC NULLS LAST, with_whom.collaborator_id
