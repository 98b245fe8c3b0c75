"""The system user that PostgreSQL runs as instead of root."""

import os
import pwd
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

_RESOLVE = """
import sys
from pathlib import Path
from cinegraph.db.embedded import account
account.SYSTEM_USER = sys.argv[1]
print(flush=True)
sys.stdin.read()
print(account.resolve(Path("/nonexistent")).uid)
"""


@pytest.fixture
def new_user() -> Iterator[str]:
    """Return the name of a system user that does not exist, and is removed at the end."""
    name = f"cinegraph-{secrets.token_hex(4)}"
    yield name
    subprocess.run(["/usr/sbin/userdel", name], capture_output=True, check=False)  # noqa: S603 - our own


def _start(name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _RESOLVE, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a system user")
def test_processes_starting_at_once_make_one_user(new_user: str) -> None:
    """All of them see the same number, the one it keeps: files that it owns stay its own."""
    with ExitStack() as stack:
        processes = [stack.enter_context(_start(new_user)) for _ in range(4)]
        pipes = [(one.stdin, one.stdout) for one in processes]
        for _, out in pipes:
            assert out is not None
            assert out.readline() == "\n"
        for to, _ in pipes:
            assert to is not None
            to.close()
        seen = {out.read().strip() for _, out in pipes if out is not None}
    assert [one.returncode for one in processes] == [0] * 4
    assert seen == {str(pwd.getpwnam(new_user).pw_uid)}
