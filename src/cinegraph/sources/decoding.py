"""
JSON bodies into typed payloads: no JSON means ask again, another shape quarantine.

The fast path is one msgspec call. What it cannot take goes through the standard library
once more, which decides whether the body is JSON at all: msgspec stops at the first
wrong type and would call a cut body a wrong one. The same path makes text storable:
PostgreSQL takes neither NUL characters nor lone surrogates.
"""

import json
import math
import re
from typing import NoReturn, cast

import msgspec

from cinegraph.errors import PayloadError, UndecodableError

# Also met where the backslash itself is escaped: that costs a slow decode, no more.
_ESCAPED_NUL = b"\\u0000"
_SURROGATE = re.compile("[\ud800-\udfff]")
_PATH = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")


class BodyDecoder[T]:
    """
    Decodes the bodies of one endpoint into *payload_type*.

    Make it once: building the msgspec decoder costs more than a hundred decodings.
    """

    def __init__(self, payload_type: type[T], *, source: str, endpoint: str) -> None:
        self._type = payload_type
        self._decode = msgspec.json.Decoder(payload_type).decode
        self._source = source
        self._endpoint = endpoint

    def decode(self, body: bytes) -> T:
        """
        The payload in *body*, with storable text.

        Raises:
            UndecodableError: The body is no JSON: empty, cut, HTML, not UTF-8.
            PayloadError: It is JSON of another shape; `field` says where.
        """
        if _ESCAPED_NUL not in body:
            try:
                return self._decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
        return self._decode_carefully(body)

    def refuse(self, reason: str, *, field: str, body: bytes) -> NoReturn:
        """Raise the `PayloadError` of this endpoint."""
        raise PayloadError(
            reason, source=self._source, endpoint=self._endpoint, field=field, body=body
        )

    def _decode_carefully(self, body: bytes) -> T:
        """Decode what the fast path refused, or say precisely why not."""
        reason, value = _parse(body)
        if reason:
            raise UndecodableError(
                reason, source=self._source, endpoint=self._endpoint, body=body
            )
        try:
            return msgspec.convert(value, self._type)
        except msgspec.ValidationError as error:
            broken, field = _describe(str(error), value)
            self.refuse(broken, field=field, body=body)


def _parse(body: bytes) -> tuple[str, object]:
    """Why *body* is no JSON ("" if it is), and its value, made storable."""
    if not body.strip():
        return "the body is empty", None
    try:
        # Raw control characters in text pass: harmless once NUL is stripped.
        decoder = json.JSONDecoder(strict=False, parse_constant=_refuse_constant)
        return "", _storable(decoder.decode(body.decode("utf-8-sig")))
    except UnicodeDecodeError:
        return "the body is not UTF-8", None
    except (ValueError, RecursionError):
        is_markup = body.lstrip()[:1] == b"<"
        return (
            "the body is HTML, not JSON" if is_markup else "the body is not JSON"
        ), None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _storable(value: object) -> object:
    """*value* without what PostgreSQL cannot store: NUL, surrogates, infinity."""
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value.replace("\0", ""))
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _describe(message: str, value: object) -> tuple[str, str]:
    """The reason and the field of a msgspec message about *value*."""
    if isinstance(value, dict) and "status_code" in value and "id" not in value:
        status = cast("dict[str, object]", value)["status_code"]
        return f"an error answer with status_code {status}", "status_code"
    path = _PATH.search(message)
    field = path["path"] if path else ""
    missing = _MISSING.search(message)
    if missing:
        field = f"{field}.{missing['name']}".lstrip(".")
    return _PATH.sub("", message), field
