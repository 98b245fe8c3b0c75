"""
A source's key: where it goes in a request, and how it is kept out of everything else.

Errors, logs and debuggers print locals, so a key lives only in objects that print as
stars and is turned into text at the moment of sending.
"""

import hashlib
import re
from typing import Final
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

MASK: Final = "[key]"


class Credentials:
    """
    A key that is sent as a header or as a query parameter, or no key at all.

    Args:
        key: The key; `None` for an upstream that takes none.
        header: The header that carries it, with *prefix* before the key.
        parameter: The query parameter that carries it.
        prefix: Put before the key in a header, such as `Bearer `.
    """

    def __init__(
        self,
        key: SecretStr | None = None,
        *,
        header: str | None = None,
        parameter: str | None = None,
        prefix: str = "",
    ) -> None:
        self._key = key or SecretStr("")
        self._header = header
        self._parameter = parameter
        self._prefix = prefix

    def headers(self) -> dict[str, str]:
        """The headers that carry the key; empty when the query does."""
        key = self._key.get_secret_value()
        return {self._header: f"{self._prefix}{key}"} if key and self._header else {}

    def parameters(self) -> dict[str, str]:
        """The query parameters that carry the key; empty when a header does."""
        key = self._key.get_secret_value()
        return {self._parameter: key} if key and self._parameter else {}

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without telling them: 12 hex digits, empty for no key."""
        key = self._key.get_secret_value()
        return hashlib.sha256(key.encode()).hexdigest()[:12] if key else ""

    def scrub(self, text: str) -> str:
        """*text* with the key masked, also where it is percent-encoded."""
        pattern = self._pattern()
        return pattern.sub(MASK, text) if pattern else text

    def scrub_bytes(self, body: bytes) -> bytes:
        """*body* with the key masked; for samples of what an upstream sent."""
        # Latin-1 maps every byte to itself, so whatever is not the key stays.
        return self.scrub(body.decode("latin-1")).encode("latin-1")

    def _pattern(self) -> re.Pattern[str] | None:
        key = self._key.get_secret_value()
        if not key:
            return None
        forms = sorted({key, quote(key, safe=""), quote_plus(key)}, key=len)
        return re.compile("|".join(map(re.escape, reversed(forms))), re.IGNORECASE)

    def __repr__(self) -> str:
        return f"Credentials(fingerprint={self.fingerprint!r})"
