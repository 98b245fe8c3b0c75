"""
Which films are most like a film, and why: content, what TMDB shows beside it, lists and awards; no trained model.

`kinds` says what counts and how much; `words`, `matrix`, `scoring`, `diversity`, `reasons` and `evaluating` decide and
are pure; `reading` and `storing` touch the database, `browse` reads for people. Imports collaborations, catalog, db;
imported by jobs and api. To add evidence: a row in `kinds`, and its branch in read_features.sql and find_sharers.sql.
"""
