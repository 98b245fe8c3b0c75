-- Write the ranges of a rebuild.
-- Parameters: run_id bigint; sources, kinds, first_ids, end_ids text[]; counts bigint[], all of one length, in order.
-- Returns: nothing. Locks: the new rows.
INSERT INTO rebuild_shards (run_id, source, kind, shard, first_id, end_id, documents)
SELECT %(run_id)s, given.source, given.kind, given.place, given.first_id, given.end_id, given.documents
FROM unnest(
    %(sources)s::text[], %(kinds)s::text[], %(first_ids)s::text[], %(end_ids)s::text[], %(counts)s::bigint[]
) WITH ORDINALITY AS given (source, kind, first_id, end_id, documents, place)
