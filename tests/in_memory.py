"""A folder in memory for database servers of tests, where the machine has one."""

import os
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own in it, as in any temporary one
_NEEDED_BYTES = 2_000_000_000
"""Some 300 MB are used at a time; with less than this the machine wants its memory for other things."""


def folder() -> Path | None:
    """
    Return where the data of a server is best kept; None: memory is no place for it here.

    A database is some 800 files. On a disk (ext4) making them takes up to half a second of processor time, because each
    new file is sought among the many that were just deleted; in memory it is 30 milliseconds.
    """
    try:
        status = os.statvfs(_IN_MEMORY)
    except OSError:
        return None
    is_usable = (
        status.f_bavail * status.f_frsize >= _NEEDED_BYTES
        # The programs are copied there for root when the server's user cannot reach the wheel.
        and not status.f_flag & os.ST_NOEXEC
        and os.access(_IN_MEMORY, os.W_OK)
    )
    return _IN_MEMORY if is_usable else None


def folder_or_temporary() -> Path:
    """Return the folder in memory, else the temporary one."""
    return folder() or Path(tempfile.gettempdir())
