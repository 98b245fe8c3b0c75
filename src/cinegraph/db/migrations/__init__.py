"""
The database schema, as Alembic versions that run plain SQL files.

`versions/` holds one module a version, `sql/<version>/` its SQL, run in name order;
nothing but `cinegraph.db.migrate` imports from here. To change the schema, add a
version from `script.py.mako` and its folder of SQL; a released file never changes.
"""
