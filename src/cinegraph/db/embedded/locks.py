"""Locks between processes on files, released by the kernel however a process ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

AT_ONCE = timedelta(0)
_POLL_SECONDS = 0.01


class LockTimeoutError(Exception):
    """Another process kept the lock for too long; always translated by the caller."""


@contextmanager
def locked(path: Path, *, shared: bool, timeout: timedelta) -> Iterator[None]:
    """
    Hold the lock on *path* within the block.

    The file descriptor is not inherited by programs started meanwhile; a forked copy of
    this process keeps the lock.

    Raises:
        LockTimeoutError: Others kept it for *timeout*.
        OSError: The file cannot be opened.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    descriptor = _take(path, shared=shared, deadline=deadline)
    try:
        yield
    finally:
        # Closed, not unlocked: unlocking would also take it from a forked copy of this
        # process.
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Say whether some process holds the lock on *path* exclusively."""
    return not _can_take(path, shared=True)


def is_free(path: Path) -> bool:
    """Say whether no process holds the lock on *path* in any way."""
    return _can_take(path, shared=False)


def _can_take(path: Path, *, shared: bool) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        return _try(descriptor, shared=shared)
    finally:
        os.close(descriptor)


def _take(path: Path, *, shared: bool, deadline: float) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _try(descriptor, shared=shared):
                _require_time(path, deadline)
                time.sleep(_POLL_SECONDS)
            # Whoever held it may have removed the file: a lock on a nameless file
            # excludes nobody.
            if _is_same_file(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _try(descriptor: int, *, shared: bool) -> bool:
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _require_time(path: Path, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise LockTimeoutError(path)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
