"""Which user the server runs as: ourselves, or instead of root one of its own."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cinegraph.db.embedded import locks
from cinegraph.errors import EmbeddedPostgresError

SYSTEM_USER = "cinegraph"
_CREATION_LOCK = Path("/run/cinegraph-user.lock")
"""Of two `useradd` at once the later one gives the user another number, and what the first one made is nobody's."""
_CREATION_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Account:
    """The system user of the server's processes."""

    name: str
    uid: int
    gid: int
    is_other: bool
    """Not ourselves: we are root and the server must not be."""
    owner: str
    """The user who asked; may connect beside the server's own user."""


def resolve(system_folder: Path) -> Account:
    """
    Return the account to use; as root makes the system user when there is none.

    Raises:
        EmbeddedPostgresError: This user has no name, or the system user cannot be made.
    """
    owner = _name_of(os.geteuid())
    if os.geteuid() != 0:
        return _account(pwd.getpwnam(owner), owner=owner, is_other=False)
    entry = _find() or _create_once(system_folder)
    return _account(entry, owner=owner, is_other=True)


def _account(entry: pwd.struct_passwd, *, owner: str, is_other: bool) -> Account:
    return Account(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        is_other=is_other,
        owner=owner,
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedPostgresError(
            f"user number {uid} has no name on this system, and PostgreSQL needs one",
            hint="Add the user to /etc/passwd, run as another, or set DATABASE_URL to"
            " a server of yours.",
        ) from None


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _create_once(system_folder: Path) -> pwd.struct_passwd:
    try:
        with locks.locked(_CREATION_LOCK, shared=False, timeout=_CREATION_TIMEOUT):
            # Another process may have been faster.
            return _find() or _create(system_folder)
    except (OSError, locks.LockTimeoutError) as error:
        raise _cannot_create(f"{_CREATION_LOCK} cannot be locked: {error}") from error


def _create(system_folder: Path) -> pwd.struct_passwd:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    problem = "there is no useradd"
    if program is not None:
        command = [program, "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", str(system_folder), "--shell", "/usr/sbin/nologin"]
        done = subprocess.run(  # noqa: S603 - a fixed list
            [*command, SYSTEM_USER], capture_output=True, text=True, check=False
        )
        problem = done.stderr.strip()
    # Asked again whatever useradd said: an administrator may have been faster.
    entry = _find()
    if entry is None:
        raise _cannot_create(problem)
    return entry


def _cannot_create(problem: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r}"
        f" could not be made: {problem}",
        hint=f"Make the system user {SYSTEM_USER!r}, run as an ordinary user, or"
        " set DATABASE_URL.",
    )
