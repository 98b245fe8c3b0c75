"""The data folder: made once, configured at every start, refused when not ours."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cinegraph.db.embedded import binaries, layout, tuning
from cinegraph.db.embedded.account import Account
from cinegraph.db.embedded.layout import Layout
from cinegraph.errors import EmbeddedPostgresError

ROLE = "cinegraph"
DATABASE = "cinegraph"
MINIMUM_FREE_BYTES = 128 * 1024 * 1024
"""
An empty data folder takes 40 MB and its first log segments the rest; a full disk stops
PostgreSQL hard.
"""

_GENERATED = "# Written by Cinegraph at every start; yours go into custom.conf.\n"


def require_disk(folder: Path) -> None:
    """
    Refuse to start on a disk that is nearly full.

    Raises:
        EmbeddedPostgresError: Less than 128 MB are free.
    """
    free = shutil.disk_usage(folder).free
    if free < MINIMUM_FREE_BYTES:
        raise EmbeddedPostgresError(
            f"the disk of {folder} is nearly full: {free // 1_000_000} MB free,"
            f" {MINIMUM_FREE_BYTES // 1_000_000} MB needed",
            hint="Free space there, or set CINEGRAPH_HOME to a folder on another disk.",
        )


def ensure(places: Layout, programs: Path, account: Account, *, sync: bool) -> None:
    """
    Make the data folder when there is none.

    Args:
        places: Where.
        programs: PostgreSQL's.
        account: Whose the data is.
        sync: Write it through to the disk.

    Raises:
        EmbeddedPostgresError: initdb failed, or the folder is of another major version.
    """
    found = version_of(places.data)
    if found is None:
        _create(places, programs, account, sync=sync)
    elif found != str(binaries.MAJOR):
        raise EmbeddedPostgresError(
            f"{places.data} was made by PostgreSQL {found}, this is {binaries.MAJOR}",
            hint="Back it up with the Cinegraph that made it, move the folder away, and"
            " restore (`cinegraph db backup`, `cinegraph db restore`).",
        )


def version_of(data: Path) -> str | None:
    """Return the major version that made *data*, None when there is no data folder."""
    try:
        return (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def configure(
    places: Layout,
    account: Account,
    socket: Path,
    *,
    disposable: bool,
    settings: Mapping[str, str],
) -> None:
    """
    Write settings and who may connect; the owner's custom.conf wins.

    Args:
        settings: Instead of those that suit this machine.
    """
    machine = tuning.measure(places.data)
    chosen = tuning.settings(machine, disposable=disposable) | dict(settings)
    chosen["unix_socket_directories"] = str(socket)
    chosen["port"] = str(layout.PORT)
    lines = [f"{name} = '{_quoted(value)}'\n" for name, value in chosen.items()]
    users = dict.fromkeys((account.owner, account.name))
    _write(
        places.data / "postgresql.conf",
        _GENERATED + "".join(lines) + _custom(places.data),
        account,
    )
    _write(places.data / "pg_hba.conf", "local all all peer map=cinegraph\n", account)
    _write(
        places.data / "pg_ident.conf",
        "".join(f'cinegraph "{user}" {ROLE}\n' for user in users),
        account,
    )


def _create(places: Layout, programs: Path, account: Account, *, sync: bool) -> None:
    # Made aside and renamed: an initdb cut short never looks like a database.
    for leftover in places.base.glob(".initdb-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=".initdb-", dir=places.base))
    try:
        if account.is_other:
            os.chown(draft, account.uid, account.gid)
        binaries.run_as(account, _initdb(programs, draft))
        if sync:
            # Once at the end; initdb's own way syncs files that are still to change.
            binaries.run_as(
                account, [str(programs / "initdb"), "--sync-only", "-D", str(draft)]
            )
        draft.rename(places.data)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedPostgresError(
            f"the database could not be made in {places.base}: {_reason(error)}",
            hint="See the disk and the permissions there, or set DATABASE_URL.",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _initdb(programs: Path, folder: Path) -> list[str]:
    return [
        str(programs / "initdb"),
        f"--username={ROLE}",
        "--auth=peer",
        "--encoding=UTF8",
        # Code point order and Unicode case, the same on every system; libc's order
        # changes with its version.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
        "-D",
        str(folder),
    ]


def _write(path: Path, text: str, account: Account) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o600)
    if account.is_other:
        os.chown(draft, account.uid, account.gid)
    draft.replace(path)


def _custom(data: Path) -> str:
    # Named only when it is there: PostgreSQL notes a missing one in the log at every
    # start.
    return "include 'custom.conf'\n" if (data / "custom.conf").exists() else ""


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, OSError):
        return str(error.strerror)
    text = str(error.stderr).strip()
    return next((line for line in text.splitlines() if "error" in line), text)
