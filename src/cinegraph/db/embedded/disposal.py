"""
Which data may be thrown away: only what its maker has marked as disposable.

The mark is made before the data and lies beside it, so a killed launcher, a killed guard
or a mistaken caller never takes persistent data for disposable.
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from cinegraph.db.embedded import cluster, guard, locks
from cinegraph.db.embedded.layout import Layout
from cinegraph.errors import EmbeddedPostgresError

_WAIT_SECONDS = 2.0
"""A guard without users notices within 0.1 s; a server with users goes on for longer."""
_POLL_SECONDS = 0.02
_REMOVED = ".removed-"
"""In the names that the guard gives to folders it is removing."""


def await_end(places: Layout) -> None:
    """
    Wait for a disposable server that is about to vanish.

    Raises:
        EmbeddedPostgresError: It goes on: somebody uses it.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    while _is_marked(places):
        if locks.is_held(places.users_lock):
            return  # by its guard, until all is removed: joining waits for that
        in_use = not locks.is_free(places.users_lock)
        if not in_use and not locks.is_held(places.guard_lock):
            return  # left by a killed guard
        if time.monotonic() > deadline:
            raise _refused_persistent(places)
        time.sleep(_POLL_SECONDS)


def require_same(places: Layout, *, disposable: bool) -> None:
    """
    Refuse to share a server whose data is kept with one who throws it away.

    Raises:
        EmbeddedPostgresError: The data is disposable and this use is not, or reversed.
    """
    if disposable and not _is_marked(places):
        raise _refused_disposable(places)
    if not disposable and _is_marked(places):
        raise _refused_persistent(places)


def make_ready(places: Layout, *, disposable: bool) -> None:
    """
    Mark what will be disposable; clear away what a killed disposable server left.

    The caller holds the start lock and no guard lives.

    Raises:
        EmbeddedPostgresError: There is persistent data here, and it is to be disposable.
    """
    if disposable:
        if not _is_marked(places) and cluster.version_of(places.data) is not None:
            raise _refused_disposable(places)
        places.disposable_mark.write_text(f"{places.home}\n", encoding="utf-8")
    elif _is_marked(places):
        # Its guard was killed before it could do this; nobody was to find the data.
        guard.end_stray_postmaster(places.data.resolve())
        shutil.rmtree(places.data, ignore_errors=True)
        if places.data.exists():
            raise _refused_persistent(places)
        places.disposable_mark.unlink(missing_ok=True)


def sweep(places: Layout, system_folder: Path) -> None:
    """
    Remove what killed disposable servers of other homes left in root's folder.

    Only where the mark is, and nobody holds a lock. Persistent data stays for ever, also
    when its home is gone: a disk that is not mounted looks the same.
    """
    if places.base == places.in_home or not system_folder.is_dir():
        return
    for folder in system_folder.iterdir():
        if folder == places.base or folder.is_symlink():
            continue
        if _REMOVED in folder.name:
            shutil.rmtree(folder, ignore_errors=True)
        elif (folder / "disposable").is_file():
            _remove_abandoned(Layout(home=_home_of(folder), base=folder))


def _remove_abandoned(left: Layout) -> None:
    with suppress(locks.LockTimeoutError, OSError):
        # Whoever uses or starts it holds one of these.
        with (
            locks.locked(left.start_lock, shared=False, timeout=locks.AT_ONCE),
            locks.locked(left.users_lock, shared=False, timeout=locks.AT_ONCE),
            locks.locked(left.guard_lock, shared=False, timeout=locks.AT_ONCE),
        ):
            guard.end_stray_postmaster(left.data)
            doomed = left.base.with_name(f"{left.base.name}{_REMOVED}{os.getpid()}")
            left.base.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
        for folder in (left.in_home, left.home):
            folder.rmdir()


def _home_of(folder: Path) -> Path:
    return Path((folder / "disposable").read_text(encoding="utf-8").strip())


def _is_marked(places: Layout) -> bool:
    return places.disposable_mark.exists()


def _refused_disposable(places: Layout) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"{places.data} holds a persistent database, and a disposable one would remove"
        " it",
        hint="Give the disposable server a home of its own (`home=`, CINEGRAPH_HOME).",
    )


def _refused_persistent(places: Layout) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"{places.data} holds a disposable database, whose data goes with its last user",
        hint="Wait until that process has ended, or set CINEGRAPH_HOME to another home.",
    )
