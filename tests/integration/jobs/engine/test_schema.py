"""Our frozen copy of Oban's tables."""

import psycopg
from oban.schema import install_sql

_SHAPE = """
    SELECT table_name || '.' || column_name, data_type, column_default, is_nullable
    FROM information_schema.columns WHERE table_name LIKE 'oban%%'
    UNION ALL
    SELECT indexname, indexdef, null, null FROM pg_indexes WHERE tablename LIKE 'oban%%'
    UNION ALL
    SELECT conname, pg_get_constraintdef(oid), null, null FROM pg_constraint
    WHERE conrelid::regclass::text LIKE 'oban%%'
    UNION ALL
    SELECT relname, relpersistence::text, array_to_string(reloptions, ','), null FROM pg_class
    WHERE relname IN ('oban_jobs', 'oban_leaders', 'oban_producers')
    UNION ALL
    SELECT 'state', enumlabel, null, null FROM pg_enum
    UNION ALL
    SELECT proname, prosrc, null, null FROM pg_proc WHERE proname LIKE 'oban%%'
"""
OURS = {
    "oban_jobs_live_uniq_key_index",
    "oban_jobs_cron_slot_index",
    "oban_jobs_run_index",
    "oban_jobs_fed_index",
    "oban_jobs_state_id_index",
    "oban_jobs_film_index",
    "oban_jobs_parent_index",
}


def test_the_migration_makes_what_oban_makes(
    database_url: str, empty_database_url: str
) -> None:
    """Columns, indexes, constraints, options, states and functions are Oban's, and seven indexes are ours."""
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        conn.execute(install_sql())
        theirs = set(conn.execute(_SHAPE).fetchall())
    with psycopg.connect(database_url) as conn:
        ours = set(conn.execute(_SHAPE).fetchall())

    assert theirs - ours == set()
    assert {row[0] for row in ours - theirs} == OURS
