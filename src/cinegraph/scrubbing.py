"""
Keep keys and passwords out of everything that is written down: error texts, job rows, log lines.

`register` the values known to be secret at start; `scrub` also hides what only looks like one. Imports nothing of ours,
so every rank may use it.
"""

import json
import re
from urllib.parse import quote, urlsplit

HIDDEN = "***"

# A shorter value would blank out harmless text; no upstream's key is that short.
_MIN_SECRET_LENGTH = 6

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"""(?ix) \b (api[_-]?key | access[_-]?token | session[_-]?id | password | secret)
                (["']? \s* [:=] \s* ["']?) (?! null\b | None\b | [\[{] ) [^\s&"'<>,;})\]]+"""
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(://[^/\s:@]*):[^@/\s]+@"), rf"\1:{HIDDEN}@"),
)

MAX_CHARACTERS = 4000
"""Of one error's text: its first quarter and its end, where a traceback says what happened."""

_secrets: set[str] = set()
_known: re.Pattern[str] | None = None


def register(*secrets: str | None) -> None:
    """Hide these values from now on, also percent-encoded or quoted, or both or twice; None and "" are allowed."""
    global _known  # noqa: PLW0603 - one set of secrets a process is the point of this module
    for secret in secrets:
        if secret and len(secret) >= _MIN_SECRET_LENGTH:
            once = _written(secret)
            _secrets.update(*map(_written, once))
    if _secrets:
        longest_first = sorted(_secrets, key=len, reverse=True)
        _known = re.compile("|".join(map(re.escape, longest_first)))


def _written(text: str) -> set[str]:
    """Return how *text* stands in an address, in JSON and in Python's own notation; mostly as it is."""
    quoted = json.dumps(text), repr(text)
    return {text, quote(text, safe=""), *(each[1:-1] for each in quoted)}


def scrub(text: str) -> str:
    """Return *text* with every secret replaced by `***`."""
    if _known is not None:
        text = _known.sub(HIDDEN, text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def show_address(address: str) -> str:
    """
    Return a web address as it may be shown: without user, password, the values of its query, and its fragment.

    Any of these may be a secret; which words of the path are, nobody can tell. What is no web address stays as it is.
    """
    if not address.lower().startswith(("https://", "http://")):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return HIDDEN
    user, at, server = parts.netloc.rpartition("@")
    shown = f"{parts.scheme}://{HIDDEN if user else ''}{at}{server}{parts.path}"
    if parts.query:
        names = (each.partition("=") for each in parts.query.split("&"))
        # A query without a name is a value: the whole of it may be a key.
        told = (f"{name}={HIDDEN}" if sign else HIDDEN for name, sign, _ in names)
        shown += f"?{'&'.join(told)}"
    return f"{shown}#{HIDDEN}" if parts.fragment else shown


def hide_known(text: str) -> str:
    """Return *text* without what is known to be secret; what only looks like it stays, and so JSON stays JSON."""
    return text if _known is None else _known.sub(HIDDEN, text)


def presentable(text: str, limit: int = MAX_CHARACTERS) -> str:
    """
    Return *text* as it may be stored and shown, cut in its middle to *limit* characters.

    Without secrets, and without NUL and lone surrogates, which PostgreSQL cannot store.
    """
    # Cut roughly before scrubbing a megabyte, and exactly after it: half a secret would not be recognised.
    text = _cut(text, 10 * limit)
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return _cut(scrub(text.encode("utf-8", "replace").decode()), limit)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = limit // 4
    left_out = len(text) - limit
    return f"{text[:head]}\n… {left_out} characters left out …\n{text[head - limit :]}"
