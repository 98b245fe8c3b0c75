-- Part nominees of nominations that have another film now from those whom the credits of the film before named, unless their own id
-- says the same.
-- Parameters: nomination_ids bigint[]. Returns: nothing. Locks: the rows; the caller has locked the nominations. Index: primary key.
UPDATE nomination_people AS nominee SET person_id = NULL, company_id = NULL, found_by = NULL, score = NULL
WHERE nominee.nomination_id = ANY (%(nomination_ids)s::bigint[])
  AND nominee.found_by = 'credits'
  AND NOT nominee.is_locked
  AND NOT EXISTS (
    SELECT FROM people WHERE people.id = nominee.person_id AND people.imdb_id = ANY (nominee.imdb_ids)
  )
