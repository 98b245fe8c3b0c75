"""
How we reach PostgreSQL: the pool, SQL files, migrations, backups, our own server.

Knows no film and owns no table but its own bookkeeping. May import `records`,
`telemetry`, `clock` and `errors`; every package from `limits` upwards imports it. To
add a statement, put a `.sql` file into the `sql/` folder of the package that owns the
rows; to add DDL, see `cinegraph.db.migrations`.
"""
