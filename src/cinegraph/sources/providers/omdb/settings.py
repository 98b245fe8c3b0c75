"""How to reach OMDb, with which key, how fast and how often a day."""

from typing import ClassVar, Final

from pydantic import Field, SecretStr

from cinegraph.limits import RateLimit
from cinegraph.sources.answers import AnswerRule
from cinegraph.sources.credentials import Credentials
from cinegraph.sources.providers.omdb.answers import OMDB_ANSWERS
from cinegraph.sources.providers.omdb.payloads import SOURCE_NAME
from cinegraph.sources.settings import KeyedSettings

FREE_DAILY_LIMIT: Final = 1000
"""Requests a day of OMDb's free keys; paid ones have 100,000 and more."""

_SLOTS_FREE: Final = 1
_SLOTS_PAID: Final = 4


class OmdbSettings(KeyedSettings):
    """Settings of the source `omdb`."""

    source: ClassVar[str] = SOURCE_NAME
    official_name: ClassVar[str] = "OMDb"
    official_domain: ClassVar[str] = "omdbapi.com"
    key_hint: ClassVar[str] = (
        "Get a free one (1,000 requests a day) at https://www.omdbapi.com/apikey.aspx"
    )
    refuses_with_200: ClassVar[bool] = True

    base_url: str = "https://www.omdbapi.com"
    """The only version there is."""
    api_key: SecretStr | None = None
    """Goes into the query: OMDb takes it nowhere else."""
    daily_limit: int = Field(default=FREE_DAILY_LIMIT, ge=1, le=2**31 - 1)
    """What the key may ask in a day. OMDb tells nobody: a smaller limit is learned, a larger one is not."""
    background_share: float = Field(default=0.79, gt=0, le=1)
    """Of the day's requests, for work nobody waits for: under 80 %, the rest serves people who wait."""
    requests_per_second: float = Field(default=10.0, ge=0, allow_inf_nan=False)
    """OMDb names no limit a second but slows down after 30 to 50 quick requests; 0 for a server of one's own."""
    burst: int = Field(default=2, ge=1)
    """With one request in flight, or four, more could not be used."""

    @property
    def credentials(self) -> Credentials:
        """
        The key, as `apikey` in the query.

        Raises:
            ConfigError: There is no key, and the address is OMDb's own.
        """
        if self.api_key is None:
            self.require_imitation()
            return Credentials()
        return Credentials(self.api_key, parameter="apikey")

    @property
    def rate(self) -> RateLimit:
        """How fast the whole deployment may ask OMDb."""
        return RateLimit(self.requests_per_second, self.burst)

    @property
    def answers(self) -> tuple[AnswerRule, ...]:
        """What OMDb's refusals mean."""
        return OMDB_ANSWERS

    @property
    def is_free_tier(self) -> bool:
        """Whether the key is one of the free ones, by what it may ask in a day."""
        return self.daily_limit <= FREE_DAILY_LIMIT

    @property
    def requests_in_flight(self) -> int:
        """How many requests the whole deployment may have in flight: free keys are served one at a time."""
        return _SLOTS_FREE if self.is_free_tier else _SLOTS_PAID
