"""Disposable and persistent databases never take each other's place."""

import os
import shutil
import signal
from contextlib import suppress

import psycopg
import pytest

from cinegraph.db.embedded import cluster, disposal, guard
from cinegraph.errors import EmbeddedPostgresError
from polling import eventually

from .conftest import Place


def _keep_an_answer(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def _kept_answer(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
        return row and row[0]


def _tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
        assert row is not None
        return int(row[0])


def _kill_everything(place: Place) -> None:
    """Kill users, guard and server, so that nobody clears anything away."""
    for user in place.users:
        os.kill(user.process.pid, signal.SIGSTOP)  # its keeper starts nothing anew
    for pid in (*place.guards(), *place.processes()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for user in place.users:
        user.kill()
    place.wait_until_stopped()


class TestPersistentData:
    """A disposable server refuses it."""

    def test_it_survives_a_disposable_server(self, place: Place) -> None:
        """Asked for a disposable one, the home of a stopped database is left alone."""
        place.keep()
        with place.server().acquire() as url:
            _keep_an_answer(url)
        place.wait_until_stopped()

        place.disposable = True
        with (
            pytest.raises(EmbeddedPostgresError, match="persistent") as caught,
            place.server().acquire(),
        ):
            pass

        assert "home of its own" in str(caught.value.hint)
        place.keep()
        with place.server().acquire() as url:
            assert _kept_answer(url) == 42

    def test_it_survives_while_it_runs(self, place: Place) -> None:
        """A disposable use of a running server is refused, and nothing goes with it."""
        place.keep()
        with place.server().acquire() as url:
            _keep_an_answer(url)
            place.disposable = True
            with (
                pytest.raises(EmbeddedPostgresError, match="persistent"),
                place.server().acquire(),
            ):
                pass
            assert _kept_answer(url) == 42

        place.wait_until_stopped()
        assert place.state.version == "18"

    def test_an_order_alone_removes_nothing(self, place: Place) -> None:
        """Told to remove a folder without the mark, the guard keeps it."""
        place.home.mkdir(parents=True)
        (place.home / "film.txt").write_text("kept")
        order = {
            "data": str(place.home),
            "disposable_mark": str(place.home / "disposable"),
            "remove": [str(place.home)],
            "remove_if_empty": [],
        }

        guard.Guard(order)._remove_disposables()

        assert (place.home / "film.txt").read_text() == "kept"
        (place.home / "disposable").touch()
        guard.Guard(order)._remove_disposables()
        assert not place.home.exists()


class TestDisposableData:
    """A persistent server refuses it in use and clears it away when it was left."""

    def test_running_it_is_not_joined(self, place: Place) -> None:
        """Who wants to keep data is told that this database will vanish."""
        with place.server().acquire() as url:
            place.keep()
            with (
                pytest.raises(EmbeddedPostgresError, match="goes with its last user"),
                place.server().acquire(),
            ):
                pass
            assert _tables(url) == 0

    def test_after_its_end_the_home_is_free(self, place: Place) -> None:
        """A persistent server right behind a disposable one waits and keeps its data."""
        with place.server().acquire() as url:
            _keep_an_answer(url)
        place.keep()
        with place.server().acquire() as url:
            assert _tables(url) == 0
            _keep_an_answer(url)
        place.wait_until_stopped()
        with place.server().acquire() as url:
            assert _kept_answer(url) == 42

    def test_what_a_killed_one_left_is_cleared_away(self, place: Place) -> None:
        """Guard and users killed: the data left behind never counts as persistent."""
        _keep_an_answer(place.user().url)
        _kill_everything(place)
        assert place.state.version == "18"

        place.keep()
        with place.server().acquire() as url:
            assert _tables(url) == 0
        place.wait_until_stopped()
        assert place.state.version == "18"

    def test_in_use_it_is_not_cleared_away(self, place: Place) -> None:
        """Its guard killed but not its user: persistent use is refused, not started."""
        user = place.user()
        _keep_an_answer(user.url)
        os.kill(user.process.pid, signal.SIGSTOP)
        try:
            for pid in place.guards():
                os.kill(pid, signal.SIGKILL)
            eventually(lambda: not place.guards(), "the guard is gone")
            place.keep()
            with pytest.raises(EmbeddedPostgresError), place.server().acquire():
                pass
        finally:
            os.kill(user.process.pid, signal.SIGCONT)
        assert place.state.version == "18"

    def test_the_next_launcher_of_root_sweeps(self, place: Place) -> None:
        """Left in the system folder by a killed demonstration: gone with the next start."""
        if os.geteuid() != 0:
            pytest.skip("only root's data lies outside of the home")
        place.user()
        _kill_everything(place)
        left = place.base
        shutil.rmtree(place.home)
        kept = place.system_folder / "0123456789ab"
        cluster_of_a_lost_home = kept / "data"
        cluster_of_a_lost_home.mkdir(parents=True)
        (cluster_of_a_lost_home / "PG_VERSION").write_text("18\n")
        other = Place(
            home=place.home.with_name("other"), system_folder=place.system_folder
        )

        with other.server().acquire():
            assert not left.exists()
            assert cluster.version_of(cluster_of_a_lost_home) == "18"
        other.close()

    def test_another_one_in_use_is_not_swept(self, place: Place) -> None:
        """Two disposable servers side by side leave each other alone."""
        other = Place(
            home=place.home.with_name("other"), system_folder=place.system_folder
        )
        with place.server().acquire() as url, other.server().acquire():
            _keep_an_answer(url)
            disposal.sweep(
                other.server()._places,
                place.system_folder,
            )
            assert _kept_answer(url) == 42
        other.close()
