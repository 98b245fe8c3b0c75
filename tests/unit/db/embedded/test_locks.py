"""Locks on files."""

from datetime import timedelta
from pathlib import Path

import pytest

from cinegraph.db.embedded import locks

SOON = timedelta(milliseconds=30)


def test_sharers_share_and_exclude_the_exclusive(tmp_path: Path) -> None:
    """Two shared holders at once; an exclusive one waits for both in vain."""
    path = tmp_path / "lock"
    with (
        locks.locked(path, shared=True, timeout=SOON),
        locks.locked(path, shared=True, timeout=SOON),
    ):
        assert not locks.is_held(path)
        with (
            pytest.raises(locks.LockTimeoutError),
            locks.locked(path, shared=False, timeout=SOON),
        ):
            pass
    with locks.locked(path, shared=False, timeout=SOON):
        assert locks.is_held(path)


def test_lock_on_a_removed_file_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file removed between opening and locking it is not what gets locked."""
    path = tmp_path / "lock"
    attempt = locks._try
    removals = iter([path])

    def remove_first(descriptor: int, *, shared: bool) -> bool:
        for doomed in removals:
            doomed.unlink()
        return attempt(descriptor, shared=shared)

    monkeypatch.setattr(locks, "_try", remove_first)
    with locks.locked(path, shared=False, timeout=SOON):
        assert locks.is_held(path)
