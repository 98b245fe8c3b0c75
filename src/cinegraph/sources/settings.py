"""What upstreams' settings have in common; a provider adds its key's place and its rate."""

import re
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import ClassVar, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from cinegraph.errors import ConfigError
from cinegraph.limits import RateLimit
from cinegraph.sources.answers import AnswerRule
from cinegraph.sources.credentials import Credentials

_MIB = 1024 * 1024
_KEY_CHARACTERS: Final = re.compile(r"[!-~]+")
"""What can stand in a header and a query: printable ASCII, no blank."""


class UpstreamSettings(BaseModel, ABC):
    """How to reach one upstream; frozen, and silent about the values it refuses."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    source: ClassVar[str]
    """The source's name in tables, errors and commands."""
    address_variable: ClassVar[str] = ""
    """The variable of the environment that says where it is; empty: `<SOURCE>_BASE_URL`."""
    refuses_with_200: ClassVar[bool] = False
    """Whether an answer of 200 may be a refusal, so that its body has to be read first."""

    base_url: str
    """Where its API starts, without a slash at the end."""
    connect_timeout: timedelta = Field(default=timedelta(seconds=5), gt=timedelta(0))
    """A connection not made in 5 s waits for a lost packet, not for a busy server."""
    read_timeout: timedelta = Field(default=timedelta(seconds=15), gt=timedelta(0))
    """No byte in 15 s means a dead connection: answers begin within a second."""
    total_timeout: timedelta = Field(default=timedelta(seconds=30), gt=timedelta(0))
    """The longest a request may take; well below the time a job is given."""
    max_connections: int = Field(default=20, ge=1)
    """TMDB serves 20 connections per address; no other source allows more."""
    max_received_bytes: int = Field(default=8 * _MIB, ge=1)
    """As received. The largest film seen is 0.2 MiB compressed: beyond is a fault."""
    max_body_bytes: int = Field(default=32 * _MIB, ge=1)
    """Decompressed; what a gzip bomb may cost in memory."""

    @property
    @abstractmethod
    def credentials(self) -> Credentials:
        """
        The key, ready to be sent.

        Raises:
            ConfigError: The upstream needs a key and there is none.
        """

    @property
    def key_fingerprint(self) -> str:
        """Tells keys apart without telling them; empty where there is none."""
        try:
            return self.credentials.fingerprint
        except ConfigError:
            return ""

    @property
    @abstractmethod
    def rate(self) -> RateLimit:
        """How fast the whole deployment may ask."""

    @property
    @abstractmethod
    def answers(self) -> tuple[AnswerRule, ...]:
        """What its refusals mean; the first rule that fits counts."""

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, text: str) -> str:
        parts = urlsplit(text.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http or https address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must be a plain address: no user, query or fragment")
        return text.strip().rstrip("/")


class KeyedSettings(UpstreamSettings):
    """How to reach an upstream that gives out keys; a provider adds the field `api_key`."""

    official_name: ClassVar[str]
    """The upstream's own name, as errors say it."""
    official_domain: ClassVar[str]
    """Where a key is needed: only imitations, such as the sandbox, answer without."""
    key_hint: ClassVar[str]
    """Where to get a key, as a sentence's beginning."""

    def require_imitation(self) -> None:
        """
        Let an imitation go without a key.

        Raises:
            ConfigError: The address is the upstream's own.
        """
        host = urlsplit(self.base_url).hostname or ""
        if f".{host}".endswith(f".{self.official_domain}"):
            variable = f"{self.source.upper()}_API_KEY"
            raise ConfigError(
                f"{self.official_name} needs a key and {variable} is not set",
                hint=f"{self.key_hint} and set {variable}.",
            )

    @field_validator("api_key", check_fields=False)
    @classmethod
    def _check_key(cls, key: SecretStr | None) -> SecretStr | None:
        text = key.get_secret_value().strip() if key else ""
        if not text:
            return None
        if not _KEY_CHARACTERS.fullmatch(text):
            raise ValueError(f"holds characters that no key of {cls.official_name} has")
        return SecretStr(text)
