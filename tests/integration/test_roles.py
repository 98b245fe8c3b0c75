"""A worker whose role may make no table: the guide's roles are enough for everything a node does."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

import cinegraph
from cinegraph.db import migrate
from cinegraph.db.address import with_database
from cinegraph.errors import DatabaseVersionError
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from deployments import POLL, Script
from hurry import open_quick_node, shorten_delays

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "several-machines.md"
PASSWORD = "canary-of-roles"


@pytest.fixture
def role_urls(
    postgres_url: str, empty_database_url: str, testrun_uid: str, worker_id: str
) -> Iterator[tuple[str, str]]:
    """Return the addresses of an owner and of a worker, made with the statements of the guide."""
    [statements] = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    database = urlsplit(empty_database_url).path.lstrip("/")
    names = {
        f"cinegraph_{role}": f"cinegraph_test_{role}_{testrun_uid[:8]}_{worker_id}"
        for role in ("owner", "work")
    }
    for name, made in names.items():
        statements = statements.replace(name, made)
    roles, grants = statements.split("\\c cinegraph\n")
    roles = "".join(re.findall(r"CREATE ROLE [^;]*;\n", roles)).replace("…", PASSWORD)
    owner, worker = names.values()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(roles)  # type: ignore[arg-type] - the guide's text
        admin.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                sql.Identifier(database), sql.Identifier(owner)
            )
        )
    with psycopg.connect(
        with_database(postgres_url, database), autocommit=True
    ) as admin:
        admin.execute(grants)  # type: ignore[arg-type] - the guide's text
    yield _as(empty_database_url, owner), _as(empty_database_url, worker)
    with psycopg.connect(
        with_database(postgres_url, database), autocommit=True
    ) as admin:
        for role in (worker, owner):
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            if role == owner:
                admin.execute(
                    sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(
                        sql.Identifier(database)
                    )
                )
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _as(url: str, role: str) -> str:
    """Return *url* with the rights of *role*: our own server lets no other role log in."""
    separator = "&" if "?" in url else "?"
    return f"{url}{separator}options=-c%20role%3D{role}"


async def test_a_worker_needs_no_ddl(
    role_urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to do while there are no tables, never makes them, and then imports a catalogue with ratings."""
    shorten_delays(monkeypatch.setattr)
    owner, worker = role_urls
    world = World(films=60, seed=4)
    async with SandboxServer(
        Script(world), SandboxSettings(port=0, rate=0, latency="none")
    ) as sandbox:
        settings = {
            "database_url": worker,
            "home": tmp_path,
            "tmdb_base_url": sandbox.base_url,
            "tmdb_exports_url": sandbox.exports_url,
            "omdb_base_url": sandbox.omdb_url,
            "tmdb_requests_per_second": 0,
            "omdb_requests_per_second": 0,
            "profile": "prod",
        }
        with pytest.raises(DatabaseVersionError, match="may not change it") as refused:
            async with cinegraph.open(**settings):
                pass
        assert "db upgrade" in (refused.value.hint or "")
        migrate.upgrade(owner)
        async with cinegraph.open(**settings) as c:
            run_id = await c.import_entire_catalog()
            async with open_quick_node(c._app):
                run = await c.wait_for_run(run_id, every=POLL)
    assert (run.state, run.done) == ("completed", len(world))
    assert run.titles_left == 0
