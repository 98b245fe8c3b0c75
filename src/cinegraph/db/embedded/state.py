"""What the embedded server is doing, found out without starting it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cinegraph.db.embedded import cluster, guard, layout, locks


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """The embedded server as seen from outside."""

    is_running: bool
    is_guarded: bool
    """
    Its guard lives; a running server without one is about to be stopped or taken over.
    """
    pid: int | None
    """The postmaster's."""
    version: str | None
    """Major version that made the data; None before the first start."""
    data_folder: Path
    log: Path
    size_bytes: int
    """Data and write-ahead log on disk."""
    disk_free_bytes: int
    """Free on the disk of the data, or of where it would be."""


def inspect(home: Path, system_folder: Path = layout.SYSTEM_FOLDER) -> ServerState:
    """Return the state of the server of *home*; neither starts nor changes anything."""
    places = layout.locate(home, system_folder)
    found = guard.read_postmaster_file(places.data)
    pid = found[0] if found else None
    if pid is not None and not guard.is_postmaster(pid, places.data.resolve()):
        pid = None
    return ServerState(
        is_running=pid is not None,
        is_guarded=locks.is_held(places.guard_lock),
        pid=pid,
        version=cluster.version_of(places.data),
        data_folder=places.data,
        log=places.log,
        size_bytes=_size(places.data),
        disk_free_bytes=shutil.disk_usage(_nearest(places.base)).free,
    )


def _nearest(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue  # a running server makes and removes files all the time
    return total
