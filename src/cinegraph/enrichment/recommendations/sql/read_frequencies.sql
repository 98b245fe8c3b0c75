-- How many films have features, as the last pass over all films counted.
-- Parameters: kinds smallint[], keys integer[], one entry each a feature. Returns: kind, key, films of those that several
-- films have, and of kind 0 (all films). Index: primary key.
SELECT stored.kind, stored.key, stored.films
FROM unnest(%(kinds)s::smallint[] || 0::smallint, %(keys)s::integer[] || 0) AS given (kind, key)
INNER JOIN recommendation_features AS stored ON stored.kind = given.kind AND stored.key = given.key
