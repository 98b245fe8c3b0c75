"""
What we believe about films: documents, movies, people, credits, ratings and everything that hangs on them.

Lives on `db` and `records`; does not know which source said a thing (it is told a name) nor why it was asked.
Imported by `enrichment`, `sync`, `monitoring`, `jobs` and `api`. To add a table that belongs to a film: the DDL in a
migration, a `replace_<table>.sql`, and one row in `storing.FILM_SETS`.
"""
