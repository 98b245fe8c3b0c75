"""How to reach TMDB, with which key and how fast."""

import re
from typing import ClassVar, Final

from pydantic import Field, SecretStr, field_validator

from cinegraph.limits import RateLimit
from cinegraph.sources.answers import AnswerRule
from cinegraph.sources.credentials import Credentials
from cinegraph.sources.providers.tmdb.answers import TMDB_ANSWERS
from cinegraph.sources.providers.tmdb.payloads import SOURCE_NAME
from cinegraph.sources.settings import KeyedSettings

UPSTREAM_PER_SECOND: Final = 50.0
"""TMDB's own limit: "around 40", earlier "50" requests a second; 429 beyond."""

_V3_KEY: Final = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


class TmdbSettings(KeyedSettings):
    """Settings of the source `tmdb`."""

    source: ClassVar[str] = SOURCE_NAME
    official_name: ClassVar[str] = "TMDB"
    official_domain: ClassVar[str] = "themoviedb.org"
    key_hint: ClassVar[str] = (
        "Get a read access token at https://www.themoviedb.org/settings/api"
    )

    base_url: str = "https://api.themoviedb.org/3"
    """Version 3 of the API: the one with films; v4 has accounts and lists only."""
    api_key: SecretStr | None = None
    """A v4 read token (sent as a header), or a v3 key (goes into the query)."""
    language: str | None = None
    """Of titles and overviews, such as `de-DE`; unset is TMDB's default, `en-US`."""
    region: str | None = None
    """Country of `now_playing` and `upcoming`, such as `DE`; unset is all."""
    requests_per_second: float = Field(default=39.0, ge=0, allow_inf_nan=False)
    """Under 80 % of TMDB's 50; 0 switches the budget off, for a server of one's own."""
    burst: int = Field(default=4, ge=1)
    """39 + 4 keeps the worst second well below 50."""

    @property
    def credentials(self) -> Credentials:
        """
        The key: a v3 key as `api_key` in the query, anything else as a bearer token.

        Raises:
            ConfigError: There is no key, and the address is TMDB's own.
        """
        if self.api_key is None:
            self.require_imitation()
            return Credentials()
        if _V3_KEY.fullmatch(self.api_key.get_secret_value()):
            return Credentials(self.api_key, parameter="api_key")
        return Credentials(self.api_key, header="Authorization", prefix="Bearer ")

    @property
    def rate(self) -> RateLimit:
        """How fast the whole deployment may ask TMDB."""
        return RateLimit(self.requests_per_second, self.burst, UPSTREAM_PER_SECOND)

    @property
    def answers(self) -> tuple[AnswerRule, ...]:
        """What TMDB's refusals mean."""
        return TMDB_ANSWERS

    @field_validator("language", "region")
    @classmethod
    def _empty_is_unset(cls, text: str | None) -> str | None:
        return text or None
