-- The mean of IMDb's scores. Parameters: fewest integer (votes of a film that counts).
-- Returns: it, null where there are none. Index: none, all are read.
SELECT avg(value) FROM ratings WHERE source = 'omdb' AND kind = 'imdb' AND votes >= %(fewest)s
