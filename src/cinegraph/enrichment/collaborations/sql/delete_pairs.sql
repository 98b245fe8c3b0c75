-- Take away pairs that have no film left. Parameters: person_a_ids, person_b_ids bigint[], one entry each a pair, which
-- the caller has locked. Returns: nothing. Index: primary key.
DELETE FROM collaborations AS pair
USING unnest(%(person_a_ids)s::bigint[], %(person_b_ids)s::bigint[]) AS given (a_id, b_id)
WHERE pair.person_a_id = given.a_id AND pair.person_b_id = given.b_id
