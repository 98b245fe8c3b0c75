"""OMDb's bodies: what is taken, what is mended, and what is refused."""

from collections.abc import Callable

import pytest

from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title

type Body = Callable[..., bytes]


def test_another_title_is_refused(title_body: Body) -> None:
    """It is never stored as the one asked for."""
    with pytest.raises(PayloadError, match="asked for tt6, got tt0000005") as caught:
        decode_title(title_body(), expected_id="tt6")

    assert caught.value.field == "imdbID"


def test_zeros_in_front_do_not_matter(title_body: Body) -> None:
    """tt5 and tt0000005 are one id."""
    assert decode_title(title_body(), expected_id="tt5").imdb_id == "tt0000005"


@pytest.mark.parametrize("imdb_id", ["", "5", "nm0000005", "tt", "tt5x", "N/A"])
def test_no_title_id_is_refused(title_body: Body, imdb_id: str) -> None:
    """Without it nothing says what the body is about."""
    with pytest.raises(PayloadError) as caught:
        decode_title(title_body(imdbID=imdb_id))

    assert caught.value.field == "imdbID"


@pytest.mark.parametrize("field", ["Title", "Runtime", "Ratings"])
def test_another_shape_is_refused(title_body: Body, field: str) -> None:
    """An object where a value belongs is a schema we do not know."""
    with pytest.raises(PayloadError) as caught:
        decode_title(title_body(**{field: {"a": 1}}))

    assert caught.value.field == field


def test_a_body_without_an_id_is_refused() -> None:
    """Valid JSON of something else."""
    with pytest.raises(PayloadError) as caught:
        decode_title(b'{"Response": "True"}')

    assert caught.value.field == "imdbID"


@pytest.mark.parametrize("character", ["\t", "\b", "\x0b", "\x1a", "\x1d", "\x1f"])
def test_raw_control_characters_pass(title_body: Body, character: str) -> None:
    """JSON forbids them; plots have them."""
    body = title_body(Plot="here>|<there").replace(b">|<", character.encode())

    assert to_title(decode_title(body)).imdb_id == "tt0000005"


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (rb"inner\spiritual", r"inner\spiritual"),
        (rb"\sa", r"\sa"),
        (rb"a\xb\y", r"a\xb\y"),
        (rb"\u12", r"\u12"),
        (rb"good \\ and \" and \u00e9, bad \s", 'good \\ and " and é, bad \\s'),
        (rb"\\\s", r"\\s"),
        (b"tab\t and \\s", "tab\t and \\s"),
    ],
)
def test_lone_backslashes_are_backslashes(
    title_body: Body, raw: bytes, meant: str
) -> None:
    """What begins no escape of JSON; real escapes keep their meaning."""
    body = title_body(Title="@@").replace(b"@@", raw)

    assert decode_title(body).title == meant


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'{"imdbID": "tt0000005", "Plot": "cut',
        b'{"imdbID": "tt0000005", "Plot": "a \\s and cut',
        b'{"Response":"False","Error":"Conversion from string "011f8539" to type \'Double\' is not valid."}',
    ],
)
def test_what_cannot_be_mended_is_unknown(body: bytes) -> None:
    """Cut, HTML and unescaped quotes are asked for again."""
    with pytest.raises(UndecodableError):
        decode_title(body)
