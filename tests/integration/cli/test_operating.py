"""Commands that change how work is done, and the nodes that do it."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from cinegraph.db.embedded import inspect
from polling import PATIENCE_SECONDS, eventually

from .conftest import Cli, Inside


def test_queues_are_paused_resumed_and_scaled(inside: Inside) -> None:
    """Each change is told and stays."""
    assert "paused" in inside("queues", "pause", "imports").out
    assert "imports paused" in inside("queues").out
    assert "running" in inside("queues", "resume", "imports").out
    assert "7" in inside("queues", "scale", "imports", "7").out
    rows = {row["queue"]: row for row in inside("queues", "--json").json}
    assert rows["imports"]["node_limit"] == 7
    assert not rows["imports"]["paused"]


def test_jobs_are_cancelled_and_retried(inside: Inside) -> None:
    """A job is cancelled once and can be taken back; what cannot be done is 1."""
    inside("import", "popular", "--pages", "1")
    (job,) = inside("jobs", "list", "--json").json
    job_id = str(job["id"])
    assert "cancelled" in inside("jobs", "cancel", job_id).out
    assert inside("jobs", "cancel", job_id).code == 1
    assert "runs again" in inside("jobs", "retry", job_id).out
    refused = inside("jobs", "retry", job_id, "123456")
    assert refused.code == 1
    assert "available already" in refused.err
    assert "no such job" in refused.err


def test_runs_and_jobs_take_a_line_each(inside: Inside) -> None:
    """Also where titles and arguments are long: what does not fit in 80 columns is cut, and says so."""
    inside("import", "catalog", "--ids", "1-1000000")
    inside("festivals", "import", "critics_choice_shorts", "--year", "2024")
    inside("import", "catalog", "--ids", "1000001-123456789012")
    assert inside("runs", "cancel", "1").code == 0

    for command in ("runs", "jobs"):
        told = inside(command, "list", "--json").json
        lines = inside(command, "list").out.splitlines()

        assert len(lines) == len(told) + 2, lines
        assert max(map(len, lines)) <= 80
        assert any("…" in line for line in lines)
        assert not any(set("{}'\"") & set(line) for line in lines)


def test_up_works_and_stops(cli: Cli, inside: Inside) -> None:
    """It says what runs where, does work, shows status to others, and leaves within the grace."""
    process = cli.start("up", TMDB_API_KEY="f" * 32)
    eventually(lambda: inside("status", "--json").json["nodes"] == 1)
    assert inside("import", "popular", "--pages", "1", "--wait").code == 0
    done = cli.end(process, signal.SIGINT)
    assert done.code == 0, done.err
    assert "Cinegraph is up." in done.err
    assert re.search(r"dashboard +http://127\.0\.0\.1:\d+", done.err)
    assert "20 films" in done.err or "waiting for work" in done.err
    assert "f" * 32 not in done.err
    assert inside("status", "--json").json["nodes"] == 0


def test_the_embedded_server_is_shared(bare_cli: Cli, cli: Cli, inside: Inside) -> None:
    """While `up` runs on its own server, another terminal sees it; afterwards it is stopped."""
    del cli.environment["DATABASE_URL"]
    process = cli.start("up")
    eventually(lambda: inside("status", "--json").json.get("nodes") == 1)
    url = cli("db", "url").out.strip()
    assert "hunter" not in url
    assert cli("import", "popular", "--pages", "1", "--wait").code == 0
    backup = bare_cli.folder / "backup"
    assert cli("db", "backup", str(backup)).code == 0
    assert backup.stat().st_size > 10_000
    done = cli.end(process)
    assert done.code == 0, done.err
    assert "embedded, in" in done.err
    assert cli("status", "--json").json["imported_movies"] == 20


def test_up_goes_on_when_its_database_is_killed(
    bare_cli: Cli, cli: Cli, inside: Inside
) -> None:
    """The postmaster killed with -9 comes back, and the same `up` goes on working."""
    del cli.environment["DATABASE_URL"]
    process = cli.start("up")
    eventually(lambda: inside("status", "--json").json.get("nodes") == 1)
    home = bare_cli.folder / "home"
    killed = inspect(home).pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: inspect(home).pid not in (None, killed))
    assert cli("import", "popular", "--pages", "1", "--wait").code == 0
    assert process.poll() is None
    done = cli.end(process)
    assert done.code == 0, done.err
    assert "bug of Cinegraph" not in done.err


def test_what_the_profile_decides_is_said(inside: Inside) -> None:
    """The number in force stands there, and that the profile gave it."""
    for profile, films in (("dev", 2), ("prod", 10)):
        rows = inside("config", "show", "--json", CINEGRAPH_PROFILE=profile).json
        (row,) = [row for row in rows if row["field"] == "max_concurrent_imports"]
        assert (row["value"], row["origin"]) == (films, "profile")
    given = {"CINEGRAPH_MAX_CONCURRENT_IMPORTS": "7"}
    rows = inside("config", "show", "--json", **given).json
    (row,) = [row for row in rows if row["field"] == "max_concurrent_imports"]
    assert (row["value"], row["origin"]) == (7, "environment")


def test_a_worker_ends_with_its_parent(cli: Cli, inside: Inside) -> None:
    """The hidden option of the demo: a closed standard input is a request to stop."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cinegraph", "work", "--until-stdin-closes"],
        env=cli.environment,
        cwd=cli.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    cli.running.append(process)
    eventually(lambda: inside("status", "--json").json["nodes"] == 1)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize(
    ("extra", "has_colour"), [({}, True), ({"NO_COLOR": "1"}, False)]
)
def test_colour_is_for_terminals(
    cli: Cli, extra: dict[str, str], *, has_colour: bool
) -> None:
    """A terminal gets colours unless NO_COLOR is set."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cinegraph", "status"],
        env=cli.environment | {"TERM": "xterm-256color"} | extra,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    told = b""
    while chunk := _read(ours):
        told += chunk
    os.close(ours)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert bool(re.search(rb"\x1b\[[0-9;]*3[0-7]m", told)) is has_colour


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_no_key_is_ever_shown(cli: Cli, inside: Inside, database_url: str) -> None:
    """A key reaches neither output, process titles, nor the database."""
    canary = "canary" + "0a1b2c3d4e5f" * 3
    cli.environment["TMDB_API_KEY"] = canary
    process = cli.start("work", CINEGRAPH_LOG_LEVEL="debug")
    eventually(lambda: inside("status", "--json").json["nodes"] == 1)
    outputs = [
        cli("import", "popular", "--pages", "1", "--wait"),
        cli("import", "movie", "999999999", "--inline"),
        inside("config", "show"),
        inside("config", "show", "--json"),
        inside("doctor"),
        inside("limits", "--json"),
        inside("jobs", "list", "--json"),
    ]
    titles = "".join(
        path.read_bytes().decode(errors="replace")
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if _is_readable(path)
    )
    outputs.append(cli.end(process))
    for done in outputs:
        assert canary not in done.out + done.err
    assert canary not in titles
    assert canary.encode() not in _dump(database_url)


def _is_readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def _dump(url: str) -> bytes:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        told = b""
        for (name,) in names:
            with connection.cursor().copy(f"COPY {name} TO STDOUT") as copy:
                told += b"".join(bytes(chunk) for chunk in copy)
        return told
