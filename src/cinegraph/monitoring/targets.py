"""Where messages about alerts go: addresses as Apprise takes them, each of which is a secret."""

import hashlib
import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+]{0,19}://)")
"""A comma may stand in an address: of several receivers."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+]{0,19}://.")
_SHORTEST_PART = 8


class Target(BaseModel):
    """One address."""

    model_config = ConfigDict(frozen=True)

    name: str
    """What people see of it: its kind, such as `slack`, with a number where there are several."""
    fingerprint: str
    """Tells addresses apart without telling them: 12 hex digits."""
    url: SecretStr


def parse(text: str) -> tuple[Target, ...]:
    """
    Read addresses, separated by spaces or commas.

    Raises:
        ValueError: One has no kind in front; the text says which by its place, for it may hold a secret.
    """
    found: dict[str, tuple[str, str]] = {}
    for place, url in enumerate(_BETWEEN.split(text.strip(" ,\t\r\n")), 1):
        if not _SCHEME.match(url):
            raise ValueError(
                f"address {place} does not say of which kind it is; see https://appriseit.com/services/ for how"
                " they look, such as ntfy://topic or mailto://user:password@example.org"
            )
        digest = hashlib.sha256(url.encode()).hexdigest()[:12]
        found.setdefault(digest, (url.partition("://")[0].lower(), url))
    many = Counter(kind for kind, _ in found.values())
    seen: Counter[str] = Counter()
    targets = []
    for digest, (kind, url) in found.items():
        seen[kind] += 1
        name = kind if many[kind] == 1 else f"{kind} {seen[kind]}"
        targets.append(Target(name=name, fingerprint=digest, url=SecretStr(url)))
    return tuple(targets)


def list_secrets(target: Target) -> list[str]:
    """Return what of an address must be written nowhere: the whole, its password, and all that looks made up."""
    url = target.url.get_secret_value()
    parts = urlsplit(url)
    password = parts.netloc.rpartition("@")[0].partition(":")[2]
    pieces = re.split(r"[/:@?&=,#]+", url.partition("://")[2])
    return [
        url,
        *filter(None, {password, unquote(password)}),
        *(piece for piece in pieces if _looks_made_up(piece)),
    ]


def _looks_made_up(piece: str) -> bool:
    """Words such as a host's or a topic's name would blank out harmless text."""
    has_digit = any(sign.isdigit() for sign in piece)
    has_letter = any(sign.isalpha() for sign in piece)
    return len(piece) >= _SHORTEST_PART and has_digit and has_letter
