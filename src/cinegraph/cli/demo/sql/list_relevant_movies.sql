-- The films of the highest score of which at least half of the evidence is known, and the film each is most like.
-- Parameters: limit integer. Returns: title, release_date, score (0 to 100), like (title; null: nothing is), because text[]. Locks: none.
SELECT film.title, film.release_date, scored.score, alike.recommended_title, alike.because
FROM cri_scores AS scored
INNER JOIN movies AS film ON film.id = scored.movie_id
LEFT JOIN recommendations AS alike ON alike.movie_id = film.id AND alike.position = 1
WHERE scored.confidence >= 0.5
ORDER BY scored.score DESC, film.id
LIMIT %(limit)s
