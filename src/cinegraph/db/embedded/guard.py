"""
The process that owns the embedded server: starts, restarts and stops it.

Run as a script with nothing but the standard library, so that it stays small (the
kernel's out-of-memory killer passes it by), starts in a few milliseconds and outlives a
broken environment. Its order comes as JSON on standard input; `server` writes it. The
lock files say everything else: the guard holds `guard.lock` for life, users hold
`users.lock` shared.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

EXIT_ALREADY_GUARDED = 3
POLL_SECONDS = 0.1  # how long after the last user the server is still there
_FAST_STOP_SECONDS = 60.0  # the last checkpoint writes at most max_wal_size
_HARD_STOP_SECONDS = 5.0
_DEATH_POLL_SECONDS = 0.02
_STABLE_SECONDS = 10.0  # a server that lived this long did start
_MAX_QUICK_DEATHS = (
    6  # with doubling pauses about 6 s: longer than orphaned backends need to leave
)
_FIRST_PAUSE_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1


class Guard:
    """The server's owner for as long as anybody uses it."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self._data = Path(order["data"])
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._quick_deaths = 0
        self._told_to_stop = False

    def run(self) -> None:
        """Serve until nobody uses the server, a signal comes, or it will not start."""
        wake = self._listen_to_signals()
        end_stray_postmaster(self._data)
        self._start()
        # Once ours, the users' lock is held until the process has ended, longer than
        # the guard's own: a new user waits for a server and a guard that are fully gone.
        users = os.open(self._order["users_lock"], os.O_RDONLY)
        while not self._told_to_stop and not _lock_is_free(users):
            select.select([wake], [], [], POLL_SECONDS)
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 1024)
            if self._has_died() and not self._revive():
                return
        self._stop()
        self._remove_disposables()

    def _listen_to_signals(self) -> int:
        read, write = os.pipe()
        for end in (read, write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)
        return read

    def _stop_soon(self, *_: object) -> None:
        self._told_to_stop = True

    def _start(self) -> None:
        account = self._order["account"]
        self._started = time.monotonic()
        self._child = subprocess.Popen(  # noqa: S603 - the launcher's own list, no shell
            self._order["command"],
            stdin=subprocess.DEVNULL,
            cwd=self._data,
            env=self._order["environment"],
            umask=0o077,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - there is one thread here
            **(
                {"user": account["uid"], "group": account["gid"], "extra_groups": []}
                if account["switch"]
                else {}
            ),
        )

    def _has_died(self) -> bool:
        return self._child is None or self._child.poll() is not None

    def _revive(self) -> bool:
        if time.monotonic() - self._started > _STABLE_SECONDS:
            self._quick_deaths = 0
        self._quick_deaths += 1
        if self._quick_deaths >= _MAX_QUICK_DEATHS:
            return False
        time.sleep(_FIRST_PAUSE_SECONDS * 2 ** (self._quick_deaths - 1))
        if not self._told_to_stop:
            forget_recycled_pid(self._data)
            self._start()
        return True

    def _stop(self) -> None:
        if self._child is None:
            return
        for number, seconds in (
            (signal.SIGINT, _FAST_STOP_SECONDS),
            (signal.SIGQUIT, _HARD_STOP_SECONDS),
            (signal.SIGKILL, _HARD_STOP_SECONDS),
        ):
            if self._child.poll() is not None:
                return
            self._child.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)

    def _remove_disposables(self) -> None:
        # The data says itself whether it may go; an order alone removes nothing.
        if not Path(self._order["disposable_mark"]).exists():
            return
        for folder in self._order["remove"]:
            # Renamed first: a new user may already be making a folder of the old name.
            doomed = f"{folder}.removed-{os.getpid()}"
            with contextlib.suppress(OSError):
                Path(folder).rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
        for folder in self._order["remove_if_empty"]:
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def read_postmaster_file(data: Path) -> tuple[int, bool] | None:
    """Return (pid, ready) as a running or crashed server wrote them into *data*."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - PostgreSQL's line 8
    except (FileNotFoundError, IndexError, ValueError):
        return None


def is_postmaster(pid: int, data: Path) -> bool:
    """Say whether process *pid* is a server of *data*, not a stranger."""
    if not sys.platform.startswith("linux"):
        return _is_postmaster_by_ps(pid, data)
    with contextlib.suppress(OSError):
        # Every process of a server works inside its data folder.
        return Path(f"/proc/{pid}/cwd").readlink() == data
    return False


def _is_postmaster_by_ps(pid: int, data: Path) -> bool:
    found = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return str(data) in found.stdout


def forget_recycled_pid(data: Path) -> None:
    """
    Remove a crashed server's pid file when its number now belongs to a stranger.

    PostgreSQL would refuse to start for a stranger of the same user. With no process
    left in the folder nothing uses its shared memory; PostgreSQL checks that once more
    by itself.
    """
    found = read_postmaster_file(data)
    if found is not None and _is_alive(found[0]) and not is_postmaster(found[0], data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def end_stray_postmaster(data: Path) -> None:
    """Stop a server of *data* that lost its guard; afterwards a new one may start."""
    found = read_postmaster_file(data)
    for number, seconds in (
        (signal.SIGINT, _FAST_STOP_SECONDS),
        (signal.SIGQUIT, _HARD_STOP_SECONDS),
    ):
        if found is None or not is_postmaster(found[0], data):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(found[0], number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and is_postmaster(found[0], data):
            time.sleep(_DEATH_POLL_SECONDS)
    forget_recycled_pid(data)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _die_with(parent: int) -> Callable[[], None]:
    # Killed together with every user, the guard would leave a server that nobody stops.
    # Linux can tie their lives; elsewhere the next start ends the stray.
    if not sys.platform.startswith("linux"):
        return lambda: None
    import ctypes  # noqa: PLC0415 - only here, and not everywhere available

    libc = ctypes.CDLL(None, use_errno=True)

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _lock_is_free(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _detach(log: str) -> None:
    # The parent returns at once, so the process that ordered the guard has no child to
    # wait for.
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    for descriptor in (null, out):
        os.close(descriptor)


def main() -> int:
    """Guard the server ordered on standard input; returns in a detached process."""
    order = cast("dict[str, Any]", json.load(sys.stdin))
    lock = os.open(order["guard_lock"], os.O_RDWR | os.O_CREAT, 0o600)
    if not _lock_is_free(lock):
        return EXIT_ALREADY_GUARDED
    # Locked before the fork: whoever gave the order finds the lock taken as soon as its
    # child has returned.
    _detach(order["log"])
    Guard(order).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
