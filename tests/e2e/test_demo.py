"""`cinegraph demo`, as a stranger runs it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from cinegraph.db.embedded import EmbeddedServer, inspect
from polling import PATIENCE_SECONDS, eventually

_COMMAND = [sys.executable, "-m", "cinegraph", "demo", "--pages", "6"]
_LEAKS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "TMDB_API_KEY": "canary0123456789canary",
    "TMDB_BASE_URL": "http://127.0.0.1:1/3",
    "TMDB_REQUESTS_PER_SECOND": "1",
    "CINEGRAPH_PROFILE": "nonsense",
    "PGHOST": "127.0.0.1",
}
"""What a user may have set; none of it may reach the demo."""


def _environment(folder: Path) -> dict[str, str]:
    (folder / "cinegraph.toml").write_text("this is no TOML", encoding="utf-8")
    return {**os.environ, **_LEAKS, "TMPDIR": str(folder)}


def _await_removal(folder: Path) -> None:
    eventually(
        lambda: not list(folder.glob("cinegraph-demo-*")), "the folders are removed"
    )


@pytest.mark.timeout(240)
def test_it_ends_by_itself_and_leaves_nothing(tmp_path: Path) -> None:
    """Films arrive, a worker dies, every row equals the world's, nothing is left."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and package
        _COMMAND,
        env=_environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "kill -9 of worker 1" in done.stderr
    assert "completed" in done.stdout
    equal = re.findall(r"✓ ([\d,]+) of ([\d,]+) (\w+) equal", done.stdout)
    assert [kind for _, _, kind in equal] == [
        "films",
        "people",
        "credits",
        "ratings",
        "nominations",
        "nominees",
    ]
    assert "by going too fast" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "canary" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    _await_removal(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_it_clears_up_when_it_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    """However it ends, its workers, imitation and database go with it."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and package
        _COMMAND,
        env=_environment(tmp_path),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "the import of popular films starts" in line:
            break
    process.send_signal(number)
    process.stderr.read()
    assert process.wait(PATIENCE_SECONDS) == (-9 if number is signal.SIGKILL else 130)
    process.stderr.close()
    _await_removal(tmp_path)
    eventually(lambda: not _list_processes_in(tmp_path), "every process has ended")


def _list_processes_in(folder: Path) -> list[Path]:
    return [pid for pid in Path("/proc").glob("[0-9]*") if _is_in(pid, folder)]


def _is_in(process: Path, folder: Path) -> bool:
    try:
        return str(process.joinpath("cwd").readlink()).startswith(str(folder))
    except OSError:
        return False


@pytest.mark.timeout(240)
def test_keep_leaves_a_database_to_look_at(tmp_path: Path) -> None:
    """What was printed of the database is true of it, and how to get rid of it is said."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and package
        [*_COMMAND[:-1], "2", "--keep"],
        env=_environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = re.search(r"([\d,]+) films, ([\d,]+) people, ([\d,]+) credits", done.stdout)
    home = re.search(r"CINEGRAPH_HOME=(\S+) cinegraph status", done.stdout)
    assert told
    assert home
    with (
        EmbeddedServer(Path(home[1])).acquire() as url,
        psycopg.connect(url) as c,
    ):
        for table, number in zip(
            ("movies", "people", "credits"), told.groups(), strict=True
        ):
            row = c.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert row == (int(number.replace(",", "")),)
    eventually(
        lambda: not inspect(Path(home[1])).is_guarded, "the database has stopped"
    )
    folders = re.search(r"rm -r (.*)", done.stdout)
    assert folders
    for folder in folders[1].split():
        subprocess.run(["rm", "-r", folder], check=False, stderr=subprocess.DEVNULL)  # noqa: S603, S607
    _await_removal(tmp_path)
