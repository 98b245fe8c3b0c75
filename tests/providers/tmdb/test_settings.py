"""TMDB's settings: the two kinds of key, and what is refused without showing it."""

import pytest
from pydantic import SecretStr, ValidationError

from cinegraph.errors import ConfigError
from cinegraph.sources.providers.tmdb.settings import TmdbSettings

V3_KEY = "0123456789abcdef0123456789abcdef"
V4_TOKEN = "eyJhbGciOiJIUzI1NiJ9.canary.signature"


def test_a_v4_token_is_a_header() -> None:
    """A read token travels as a bearer token, never in the query."""
    credentials = TmdbSettings(api_key=SecretStr(V4_TOKEN)).credentials

    assert credentials.headers() == {"Authorization": f"Bearer {V4_TOKEN}"}
    assert credentials.parameters() == {}


@pytest.mark.parametrize("key", [V3_KEY, V3_KEY.upper(), f" {V3_KEY}\n"])
def test_a_v3_key_is_a_parameter(key: str) -> None:
    """32 hex digits go into the query, the only place where TMDB takes them."""
    credentials = TmdbSettings(api_key=SecretStr(key)).credentials

    assert credentials.parameters() == {"api_key": key.strip()}
    assert credentials.headers() == {}


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("  ")])
def test_the_real_tmdb_needs_a_key(key: SecretStr | None) -> None:
    """Without a key TMDB is not asked; the error says where to get one."""
    settings = TmdbSettings(api_key=key)

    with pytest.raises(ConfigError, match="TMDB_API_KEY") as caught:
        _ = settings.credentials

    assert "https://www.themoviedb.org/settings/api" in (caught.value.hint or "")
    assert settings.key_fingerprint == ""


def test_an_imitation_needs_no_key() -> None:
    """At another address, such as the sandbox, one may ask without a key."""
    credentials = TmdbSettings(base_url="http://127.0.0.1:8080/3").credentials

    assert credentials.headers() == credentials.parameters() == {}


@pytest.mark.parametrize("host", ["themoviedb.org.example.com", "notthemoviedb.org"])
def test_a_lookalike_is_an_imitation(host: str) -> None:
    """Only TMDB's own domain counts as TMDB."""
    assert TmdbSettings(base_url=f"https://{host}/3").credentials


@pytest.mark.parametrize("key", ["canary key", "canary\nkey", "canary\u00e9"])
def test_a_broken_key_is_refused_unseen(key: str) -> None:
    """A key that cannot be sent is refused, and the refusal does not show it."""
    with pytest.raises(ValidationError) as caught:
        TmdbSettings(api_key=SecretStr(key))

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.themoviedb.org/3",
        "ftp://api.themoviedb.org",
        "https://user:canary@api.themoviedb.org/3",
        "https://api.themoviedb.org/3?api_key=canary",
        "https:///3",
    ],
)
def test_a_broken_address_is_refused_unseen(url: str) -> None:
    """An address that is none, or holds a secret, is refused without showing it."""
    with pytest.raises(ValidationError) as caught:
        TmdbSettings(base_url=url)

    assert "canary" not in str(caught.value)


def test_a_slash_at_the_end_is_dropped() -> None:
    """Paths start with a slash, so the base must not end with one."""
    assert TmdbSettings(base_url="http://h/3/").base_url == "http://h/3"


def test_the_default_rate_is_under_80_percent() -> None:
    """39 a second of 50, in bursts of at most 4; 0 switches the budget off."""
    rate = TmdbSettings().rate

    assert (rate.rate_per_second, rate.burst) == (39.0, 4)
    assert TmdbSettings(requests_per_second=0).rate.rate_per_second == 0


def test_settings_print_no_key() -> None:
    """The key is masked in every printed form of the settings."""
    settings = TmdbSettings(api_key=SecretStr(V4_TOKEN))

    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("text", ["", None])
def test_empty_language_and_region_are_unset(text: str | None) -> None:
    """An empty setting is sent no more than a missing one."""
    settings = TmdbSettings(language=text, region=text)

    assert settings.language is None
    assert settings.region is None
