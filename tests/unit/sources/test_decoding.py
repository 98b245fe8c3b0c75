"""Bodies into payloads: what is no JSON, what is another shape, what is storable."""

import msgspec
import pytest

from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.sources.decoding import BodyDecoder


class Film(msgspec.Struct):
    """A small payload."""

    id: int
    title: str | None = None
    score: float | None = None


@pytest.fixture
def decoder() -> BodyDecoder[Film]:
    """Return a decoder of films."""
    return BodyDecoder(Film, source="tmdb", endpoint="movie")


NO_JSON = {
    "empty": (b"", "empty"),
    "white space": (b" \r\n", "empty"),
    "cut": (b'{"id": 5, "title": "Alie', "not JSON"),
    "cut after a wrong type": (b'{"id": "5", "title": "Alie', "not JSON"),
    "HTML": (b"<!DOCTYPE html><p>Too busy</p>", "HTML"),
    "HTML after white space": (b"\n <html>", "HTML"),
    "Latin-1": ('{"id": 5, "title": "Amélie"}'.encode("latin-1"), "not UTF-8"),
    "UTF-16": ('{"id": 5, "title": "Amélie"}'.encode("utf-16"), "not UTF-8"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "not UTF-8"),
    "two values": (b'{"id": 5}{"id": 6}', "not JSON"),
    "NaN": (b'{"id": 5, "score": NaN}', "not JSON"),
    "bottomless": (b"[" * 200_000, "not JSON"),
}


@pytest.mark.parametrize(("body", "reason"), NO_JSON.values(), ids=NO_JSON)
def test_no_json_is_undecodable(
    decoder: BodyDecoder[Film], body: bytes, reason: str
) -> None:
    """A body that is no JSON is unknown, says why and is kept as a sample."""
    with pytest.raises(UndecodableError, match=reason) as caught:
        decoder.decode(body)

    assert caught.value.body == body


OTHER_SHAPES = {
    "a list": (b"[]", ""),
    "null": (b"null", ""),
    "no id": (b'{"title": "Alien"}', "id"),
    "id as text": (b'{"id": "5"}', "id"),
    "title as number": (b'{"id": 5, "title": 1917}', "title"),
}


@pytest.mark.parametrize(("body", "field"), OTHER_SHAPES.values(), ids=OTHER_SHAPES)
def test_another_shape_is_a_payload_error(
    decoder: BodyDecoder[Film], body: bytes, field: str
) -> None:
    """JSON that breaks the schema goes to quarantine with its field."""
    with pytest.raises(PayloadError) as caught:
        decoder.decode(body)

    assert field == caught.value.field
    assert body == caught.value.body


def test_an_error_answer_is_named(decoder: BodyDecoder[Film]) -> None:
    """An error body that came with status 200 is told by its code."""
    body = b'{"success": false, "status_code": 34, "status_message": "Not found."}'

    with pytest.raises(PayloadError, match="status_code 34") as caught:
        decoder.decode(body)

    assert caught.value.field == "status_code"


STORABLE = {
    "escaped NUL": (rb"a\u0000b", "ab"),
    "only NUL": (rb"\u0000", ""),
    "raw NUL": (b"a\0b", "ab"),
    "backslash before u0000": (rb"a\\u0000b", r"a\u0000b"),
    "lone high surrogate": (rb"a\ud800b", "a\ufffdb"),
    "lone low surrogate": (rb"a\udc00b", "a\ufffdb"),
    "surrogate pair": (rb"\ud83d\ude00", "\U0001f600"),
    "raw tab": (b"a\tb", "a\tb"),
}


@pytest.mark.parametrize(("raw", "text"), STORABLE.values(), ids=STORABLE)
def test_text_comes_out_storable(
    decoder: BodyDecoder[Film], raw: bytes, text: str
) -> None:
    """What PostgreSQL cannot store is cleared away, the rest of the text stays."""
    film = decoder.decode(b'{"id": 5, "title": "' + raw + b'"}')

    assert text == film.title


def test_a_byte_order_mark_is_skipped(decoder: BodyDecoder[Film]) -> None:
    """A mark before the JSON does not make it undecodable."""
    assert decoder.decode(b'\xef\xbb\xbf{"id": 5}').id == 5


def test_an_endless_number_is_unknown(decoder: BodyDecoder[Film]) -> None:
    """A number that no float holds is no value, and no failure."""
    assert decoder.decode(b'{"id": 5, "score": 1e999}').score is None
