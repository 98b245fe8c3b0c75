"""
Where the embedded server keeps everything.

`CINEGRAPH_HOME/postgres` is the base folder of an ordinary user. Root's is
`/var/lib/cinegraph/<hash of home>`, and `CINEGRAPH_HOME/postgres/folder` points to it.
In the base folder lie `data` (PostgreSQL's own), `run` (the socket, 0700), the locks
`users.lock`, `start.lock` and `guard.lock`, `server.json` and `postgres.log`. The file
`disposable` is there before the data when whoever makes it means to throw it away:
only data beside that file is ever removed.

The locks lie beside the data, not in the home: two homes that point to one data folder
share its one server.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cinegraph.db.embedded.account import Account
from cinegraph.errors import EmbeddedPostgresError

SYSTEM_FOLDER = Path("/var/lib/cinegraph")
PORT = 5432
"""Names the socket file; no port is opened."""

_POINTER = "folder"
# sun_path of Linux holds 108 bytes with the final zero; of macOS 104.
_LONGEST_SOCKET = 103
_SOCKET_NAME = f".s.PGSQL.{PORT}"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The places of one embedded server."""

    home: Path
    base: Path

    @property
    def in_home(self) -> Path:
        """What we own inside the home: the base folder, or root's with the pointer."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.base / "data"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server."""
        return self.base / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that starts the server."""
        return self.base / "start.lock"

    @property
    def guard_lock(self) -> Path:
        """Held by the guard as long as it lives."""
        return self.base / "guard.lock"

    @property
    def state(self) -> Path:
        """The address, written when the server has its database."""
        return self.base / "server.json"

    @property
    def disposable_mark(self) -> Path:
        """Says that all data here goes with its last user; made before the data."""
        return self.base / "disposable"

    @property
    def log(self) -> Path:
        """What the server and its guard have to say."""
        return self.base / "postgres.log"


def locate(home: Path, system_folder: Path = SYSTEM_FOLDER) -> Layout:
    """Return the places of the server of *home*, making none of them."""
    home = home.expanduser().absolute()
    own = home / "postgres"
    if os.geteuid() != 0:
        return Layout(home=home, base=own)
    try:
        base = Path((own / _POINTER).read_text(encoding="utf-8").strip())
    except (FileNotFoundError, NotADirectoryError):
        base = system_folder / _short_hash(home)
    return Layout(home=home, base=base)


def prepare(layout: Layout, account: Account) -> None:
    """
    Make the folders that are missing, private to us; no folder that exists is changed.

    Raises:
        EmbeddedPostgresError: A folder cannot be made or belongs to somebody else.
    """
    try:
        _make(layout.home, 0o700)
        _make(layout.in_home, 0o700)
        _require_own(layout.in_home, os.geteuid())
        if account.is_other:
            _make(layout.base.parent, 0o755)
            _require_own(layout.base.parent, os.geteuid())
            # The server's user passes through to its own folders and sees nothing else.
            _make(layout.base, 0o711)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"cannot keep a database under {layout.home}: {error.strerror}:"
            f" {error.filename}",
            hint="Set CINEGRAPH_HOME to a folder you may write to, or DATABASE_URL to"
            " a server of yours.",
        ) from error


def socket_folder(layout: Layout, account: Account) -> Path:
    """
    Return the socket's folder, private to the server's user; made when missing.

    Beside the data when the path is short enough for a socket, else in the temporary
    folder.

    Raises:
        EmbeddedPostgresError: The folder belongs to somebody else.
    """
    folder = layout.base / "run"
    if len(os.fsencode(folder / _SOCKET_NAME)) > _LONGEST_SOCKET:
        name = f"cinegraph-{account.uid}-{_short_hash(layout.base)}"
        folder = Path(tempfile.gettempdir()) / name
        if len(os.fsencode(folder / _SOCKET_NAME)) > _LONGEST_SOCKET:
            folder = Path("/tmp") / name  # noqa: S108 - private and owner-checked below
    make_owned(folder, account)
    return folder


def make_owned(folder: Path, account: Account) -> None:
    """
    Make *folder* with mode 0700 for *account*, or see that it is that already.

    Raises:
        EmbeddedPostgresError: It cannot be made, or is somebody else's or open to
            others.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        _require_own(folder, account.uid)
        _require_private(folder)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"cannot make {folder}: {error.strerror}",
            hint="Permit writing there, or set DATABASE_URL.",
        ) from error
    else:
        if account.is_other:
            os.chown(folder, account.uid, account.gid)


def point(layout: Layout) -> None:
    """Note in the home where its data is, so that a moved home finds it again."""
    if layout.base != layout.in_home:
        pointer = layout.in_home / _POINTER
        pointer.write_text(f"{layout.base}\n", encoding="utf-8")


def require_data(layout: Layout, *, exists: bool) -> None:
    """
    Refuse to begin anew where a home says that there was data.

    Raises:
        EmbeddedPostgresError: The home points to a data folder, and that is gone.
    """
    pointer = layout.in_home / _POINTER
    if not exists and pointer.exists():
        raise EmbeddedPostgresError(
            f"the data of {layout.home} is gone: {pointer} names {layout.base}",
            hint=f"Put that folder back, or delete {pointer} to begin with an empty"
            " database.",
        )


def _make(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        # Just made by us; the umask has no say in what the server's user needs.
        folder.chmod(mode)


def _require_own(folder: Path, uid: int) -> None:
    status = folder.lstat()
    if status.st_uid != uid or not folder.is_dir() or folder.is_symlink():
        raise EmbeddedPostgresError(
            f"{folder} belongs to another user (number {status.st_uid})",
            hint="Run as that user, or set CINEGRAPH_HOME to a folder of your own.",
        )


def _require_private(folder: Path) -> None:
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        raise EmbeddedPostgresError(
            f"{folder} is open to other users (mode {mode:o})",
            hint=f"Run chmod 700 {folder}, after a look at who opened it.",
        )


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
