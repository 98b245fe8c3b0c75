"""OMDb's settings: its key, its day, and what is refused without showing it."""

import pytest
from pydantic import SecretStr, ValidationError

from cinegraph.errors import ConfigError
from cinegraph.sources.providers.omdb.settings import OmdbSettings


def test_the_key_is_a_parameter() -> None:
    """OMDb takes it in the query only."""
    credentials = OmdbSettings(api_key=SecretStr(" abcd1234\n")).credentials

    assert credentials.parameters() == {"apikey": "abcd1234"}
    assert credentials.headers() == {}


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("  ")])
def test_the_real_omdb_needs_a_key(key: SecretStr | None) -> None:
    """Without a key OMDb is not asked; the error says where to get one."""
    settings = OmdbSettings(api_key=key)

    with pytest.raises(ConfigError, match="OMDB_API_KEY") as caught:
        _ = settings.credentials

    assert "https://www.omdbapi.com/apikey.aspx" in (caught.value.hint or "")
    assert settings.key_fingerprint == ""


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "omdbapi.com.example.com"])
def test_an_imitation_needs_no_key(host: str) -> None:
    """Only OMDb's own domain counts as OMDb."""
    assert OmdbSettings(base_url=f"http://{host}").credentials.parameters() == {}


def test_a_broken_key_is_refused_unseen() -> None:
    """A key that cannot be sent is refused, and the refusal does not show it."""
    with pytest.raises(ValidationError) as caught:
        OmdbSettings(api_key=SecretStr("canary key"))

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1, 2**31])
def test_a_limit_that_makes_no_sense_is_refused(limit: int) -> None:
    """None, fewer than none, and more than a column holds."""
    with pytest.raises(ValidationError):
        OmdbSettings(daily_limit=limit)


@pytest.mark.parametrize(
    ("limit", "is_free", "in_flight"), [(1000, True, 1), (1001, False, 4)]
)
def test_free_keys_are_served_one_at_a_time(
    limit: int, in_flight: int, *, is_free: bool
) -> None:
    """By what the key may ask in a day."""
    settings = OmdbSettings(daily_limit=limit)

    assert settings.is_free_tier is is_free
    assert settings.requests_in_flight == in_flight


def test_background_work_stays_under_80_percent() -> None:
    """Of the day; a second has no limit that is known."""
    settings = OmdbSettings()

    assert settings.background_share == 0.79
    assert settings.rate.upstream_per_second is None


def test_settings_print_no_key() -> None:
    """The key is masked in every printed form of the settings."""
    settings = OmdbSettings(api_key=SecretStr("canary"))

    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"
