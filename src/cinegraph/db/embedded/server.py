"""Using the embedded server: the first user starts it, the last one ends it."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
import structlog
from psycopg import sql

from cinegraph.db.embedded import (
    account,
    binaries,
    cluster,
    disposal,
    guard,
    layout,
    locks,
)
from cinegraph.db.embedded.layout import Layout
from cinegraph.db.sql import load
from cinegraph.errors import CinegraphError, EmbeddedPostgresError

_log = structlog.get_logger(__name__)

_WAIT_FOR_START = timedelta(minutes=5)
"""
After a power cut at most max_wal_size is replayed; slow disks take minutes for that.
"""
_POLL_SECONDS = 0.01
_KEEPER_SECONDS = 0.5
_KEEPER_LONGEST_SECONDS = 30.0
_LOG_TAIL_LINES = 8
_LOG_LIMIT_BYTES = 10_000_000
_MAX_VANISHED = 10


class EmbeddedServer:
    """
    The server of one home folder, shared by every process of its owner.

    Args:
        home: CINEGRAPH_HOME.
        disposable: Remove all data when the last user leaves; for tests and
            demonstrations. Refused where persistent data is, as is the reverse.
        system_folder: Where root's data and a copy of the programs go.
        settings: Of PostgreSQL, instead of those that suit this machine; for the process that starts the server.
    """

    def __init__(
        self,
        home: Path,
        *,
        disposable: bool = False,
        system_folder: Path = layout.SYSTEM_FOLDER,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._disposable = disposable
        self._system_folder = system_folder
        self._places = layout.locate(home, system_folder)

    @contextmanager
    def acquire(self) -> Iterator[str]:
        """
        Give the address of the database `cinegraph`; the server is up within the block.

        Blocking: a millisecond when the server runs, a second or two when it has to be
        made. Should the server or its guard be killed meanwhile, it comes back by
        itself; connections have to be made anew.

        Raises:
            EmbeddedPostgresError: The server cannot be made or started, or its data is
                disposable and this use is not, or the reverse; the hint says what to
                mend.
        """
        with ExitStack() as stack:
            self._join(stack)
            url = self._ensure()
            stack.enter_context(_keeper(self._ensure, self._places.guard_lock))
            yield url

    def _join(self, stack: ExitStack) -> None:
        users_lock = self._places.users_lock
        if not self._disposable:
            # A server about to vanish is waited for, without becoming its user.
            disposal.await_end(self._places)
        for _ in range(_MAX_VANISHED):
            if not users_lock.exists():
                layout.prepare(self._places, account.resolve(self._system_folder))
            # The folder of a disposable server may vanish at this very moment.
            with suppress(FileNotFoundError):
                stack.enter_context(_held(users_lock, shared=True))
                return
        raise EmbeddedPostgresError(
            f"{users_lock} vanishes as often as it is made",
            hint="See what removes it, or set CINEGRAPH_HOME to another folder.",
        )

    def _ensure(self) -> str:
        places = self._places
        url = _ready_url(places)
        if url is None:
            with _held(places.start_lock, shared=False):
                # Another process may have started it while this one waited.
                url = _ready_url(places) or self._start()
        disposal.require_same(places, disposable=self._disposable)
        return url

    def _start(self) -> str:
        places = self._places
        user = account.resolve(self._system_folder)
        layout.prepare(places, user)
        cluster.require_disk(places.base)
        socket_folder = layout.socket_folder(places, user)
        # A guard found at work may be on its way out; then, and only then, a second
        # try.
        if not (
            locks.is_held(places.guard_lock) and _becomes_ready(places, socket_folder)
        ):
            self._launch(user, socket_folder)
            if not _becomes_ready(places, socket_folder):
                raise EmbeddedPostgresError(
                    f"the database in {places.data} did not start:"
                    f" {_log_tail(places.log)}",
                    hint=f"The whole story is in {places.log}.",
                )
        url = _database_url(socket_folder)
        _ensure_database(url)
        _write_state(places, url)
        return url

    def _ensure_data(self, programs: Path, user: account.Account) -> None:
        places = self._places
        disposal.sweep(places, self._system_folder)
        disposal.make_ready(places, disposable=self._disposable)
        exists = cluster.version_of(places.data) is not None
        layout.require_data(places, exists=exists)
        cluster.ensure(places, programs, user, sync=not self._disposable)
        if not self._disposable:
            layout.point(places)

    def _launch(self, user: account.Account, socket_folder: Path) -> None:
        places = self._places
        programs = binaries.reachable(user, self._system_folder)
        self._ensure_data(programs, user)
        cluster.configure(
            places,
            user,
            socket_folder,
            disposable=self._disposable,
            settings=self._settings,
        )
        self._launch_guard(programs, user, socket_folder)

    def _emptied(self, socket_folder: Path) -> list[str]:
        # A socket that did not fit beside the data is a guest in the temporary folder.
        is_guest = socket_folder.parent != self._places.base
        guest = [str(socket_folder)] if is_guest else []
        return guest + ([str(self._places.home)] if self._disposable else [])

    def _launch_guard(
        self, programs: Path, user: account.Account, socket_folder: Path
    ) -> None:
        places = self._places
        places.state.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            if places.log.stat().st_size > _LOG_LIMIT_BYTES:
                places.log.replace(places.log.with_suffix(".old.log"))
        order = {
            "command": [str(programs / "postgres"), "-D", str(places.data)],
            "environment": binaries.environment(),
            "account": {"uid": user.uid, "gid": user.gid, "switch": user.is_other},
            "data": str(places.data.resolve()),
            "log": str(places.log),
            "users_lock": str(places.users_lock),
            "guard_lock": str(places.guard_lock),
            "disposable_mark": str(places.disposable_mark),
            "remove": (
                [str(places.in_home), str(places.base)] if self._disposable else []
            ),
            "remove_if_empty": self._emptied(socket_folder),
        }
        # Isolated and without site-packages: the guard needs nothing but the standard
        # library.
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", "-S", guard.__file__, str(places.base)],
            input=json.dumps(order),
            env=_guard_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, guard.EXIT_ALREADY_GUARDED):
            raise EmbeddedPostgresError(
                f"the guard of the database did not start: {done.stderr.strip()}",
                hint="Report this; until then set DATABASE_URL to a server of yours.",
            )


@contextmanager
def _held(path: Path, *, shared: bool) -> Iterator[None]:
    try:
        with locks.locked(path, shared=shared, timeout=_WAIT_FOR_START):
            yield
    except locks.LockTimeoutError:
        raise EmbeddedPostgresError(
            "another process has been starting or stopping the database for"
            f" {_WAIT_FOR_START}",
            hint=f"See who holds {path}, and the log beside it.",
        ) from None


@contextmanager
def _keeper(ensure: Callable[[], str], guard_lock: Path) -> Iterator[None]:
    # A killed guard takes the server along; whoever still needs it brings both back.
    over = threading.Event()

    def keep() -> None:
        pause = _KEEPER_SECONDS
        while not over.wait(pause):
            if locks.is_held(guard_lock):
                pause = _KEEPER_SECONDS
                continue
            try:
                ensure()
                _log.warning("embedded database started again after its guard died")
            except (CinegraphError, OSError) as error:
                pause = min(pause * 2, _KEEPER_LONGEST_SECONDS)
                _log.error("embedded database is down", reason=str(error))

    thread = threading.Thread(target=keep, name="embedded-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        # It may be in the middle of a start; that does not hold up whoever wants to
        # leave.
        thread.join(timeout=5)


def _ready_url(places: Layout) -> str | None:
    if not locks.is_held(places.guard_lock):
        return None
    try:
        state = json.loads(places.state.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return str(state["url"]) if _answers(places, Path(state["socket"])) else None


def _answers(places: Layout, socket_folder: Path) -> bool:
    found = guard.read_postmaster_file(places.data)
    if found is None or not found[1]:
        return False
    # Cheaper than a database connection, and PostgreSQL does not log a peer that says
    # nothing.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(socket_folder / f".s.PGSQL.{layout.PORT}"))
        except OSError:
            return False
    return True


def _becomes_ready(places: Layout, socket_folder: Path) -> bool:
    """Wait until the server answers; False when its guard is gone instead."""
    deadline = time.monotonic() + _WAIT_FOR_START.total_seconds()
    while not _answers(places, socket_folder):
        if not locks.is_held(places.guard_lock):
            return False
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"the database in {places.data} is not ready after {_WAIT_FOR_START}",
                hint=f"It may still be recovering; see {places.log} and try again.",
            )
        time.sleep(_POLL_SECONDS)
    return True


def _guard_environment() -> dict[str, str]:
    # Not a setting of ours: a relocated Python finds its own library only by this.
    needed = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    found = {name: os.environ[name] for name in needed if name in os.environ}
    return binaries.environment() | found


def _database_url(socket_folder: Path) -> str:
    host = quote(str(socket_folder), safe="")
    return (
        f"postgresql://{cluster.ROLE}@/{cluster.DATABASE}?host={host}"
        f"&port={layout.PORT}"
    )


def _ensure_database(url: str) -> None:
    try:
        with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
            found = connection.execute(
                load("cinegraph.db", "find_database.sql"),
                {"name": cluster.DATABASE},
            )
            if found.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {}").format(
                        sql.Identifier(cluster.DATABASE)
                    )
                )
    except psycopg.Error as error:
        raise EmbeddedPostgresError(
            f"the embedded database started but refuses us: {str(error).strip()}",
            hint="See the log beside its data folder (`cinegraph doctor` names it).",
        ) from error


def _write_state(places: Layout, url: str) -> None:
    draft = places.state.with_suffix(".new")
    state = {"url": url, "socket": _socket_of(url)}
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(places.state)


def _socket_of(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["host"])


def _log_tail(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it left no log"
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return " / ".join((telling or lines)[-_LOG_TAIL_LINES:][-1:]) or "it said nothing"
