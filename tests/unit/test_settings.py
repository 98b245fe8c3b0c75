"""Settings: where they come from, and how a wrong one is told."""

from pathlib import Path

import pytest

from cinegraph import settings
from cinegraph.errors import ConfigError


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_names = [
        settings.environment_name(f) for f in settings.Settings.model_fields
    ]
    for name in settings_names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CINEGRAPH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_what_is_wrong_in_the_file_is_told_at_once(tmp_path: Path) -> None:
    """Each by the file and the name it has there."""
    file = tmp_path / settings.CONFIG_FILE
    file.write_text('profile = "huge"\nlog_level = "loud"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        settings.load()
    assert f"{file}: profile is wrong" in str(caught.value)
    assert f"{file}: log_level is wrong" in str(caught.value)
    assert "file" in (caught.value.hint or "")


def test_a_folder_is_no_file_of_settings(tmp_path: Path) -> None:
    """It is not passed over: whoever made it believes in it."""
    (tmp_path / settings.CONFIG_FILE).mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        settings.load()


def test_a_key_of_blanks_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """TMDB is not asked with it; that the key is missing is said."""
    monkeypatch.setenv("TMDB_API_KEY", "   ")
    loaded, _ = settings.load()
    assert loaded.tmdb_api_key is None
    with pytest.raises(ConfigError, match="TMDB_API_KEY is not set"):
        _ = loaded.tmdb.credentials


def test_a_variable_that_is_no_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting that was meant, where one is near."""
    monkeypatch.setenv("CINEGRAPH_PROFIL", "prod")
    assert settings.unknown_variables() == [
        "CINEGRAPH_PROFIL is set and is no setting; did you mean CINEGRAPH_PROFILE?"
    ]


def test_changes_are_kept_no_longer_than_terms_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TMDB allows 180 days for what is not refreshed, and a log refreshes nothing."""
    monkeypatch.setenv("CINEGRAPH_CHANGE_LOG_DAYS", "181")
    with pytest.raises(ConfigError, match="CINEGRAPH_CHANGE_LOG_DAYS is wrong"):
        settings.load()
