"""Secrets stay out of what is written down."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph import scrubbing
from cinegraph.scrubbing import presentable, register, scrub


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scrubbing, "_secrets", set())
    monkeypatch.setattr(scrubbing, "_known", None)
    return None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/movie/1?api_key=abcdef&x=1", "/movie/1?api_key=***&x=1"),
        ("/?apikey=12345678", "/?apikey=***"),
        ("{'api_key': 'abcdef'}", "{'api_key': '***'}"),
        ('"access_token": "abc.def"', '"access_token": "***"'),
        ("Authorization: Bearer eyJh.abc-_1", "Authorization: Bearer ***"),
        ("postgresql://me:pa55@host/db", "postgresql://me:***@host/db"),
        ("password=hunter2 host=x", "password=*** host=x"),
        ("nothing here", "nothing here"),
        ('{"password": null, "secret": {}}', '{"password": null, "secret": {}}'),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str) -> None:
    """By the name beside it, and nothing else of the text."""
    assert scrub(text) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.test/l.csv", "https://a.test/l.csv"),
        (
            "HTTPS://A.test:81/l?output=csv&k=a=b",
            "https://A.test:81/l?output=***&k=***",
        ),
        ("https://a.test/l?s3cr3t", "https://a.test/l?***"),
        ("https://me:pa55@a.test/#top", "https://***@a.test/#***"),
        ("https://[a/l?token=1", "***"),
        ("lists/of?.csv", "lists/of?.csv"),
    ],
)
def test_what_may_be_secret_in_an_address_is_hidden(address: str, shown: str) -> None:
    """User, password, values of the query, fragment; the rest says which address it is."""
    assert scrubbing.show_address(address) == shown


def test_registered_values_are_hidden_wherever_they_stand() -> None:
    """Also percent-encoded; the longest first, so that no tail stays."""
    register("canary+value", "canary+value+longer", None, "")

    assert scrub("canary+value+longer, canary+value; canary%2Bvalue") == "***, ***; ***"


def test_registered_values_are_hidden_when_they_are_quoted() -> None:
    """As JSON and Python write a text that holds quotes."""
    secret = "pass\"word'\\x"
    register(secret)

    assert json.dumps({"a": "***"}) == scrub(json.dumps({"a": secret}))
    assert "word" not in scrub(repr([secret]))


def test_short_values_blank_out_nothing() -> None:
    """A secret of three letters would hide words."""
    register("the")
    assert scrub("the film") == "the film"


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    """A traceback says at its end what happened."""
    shown = presentable("START" + "x" * 1_000_000 + "END", 100)

    assert shown.startswith("START")
    assert shown.endswith("END")
    assert len(shown) < 200


def test_a_secret_is_not_cut_in_half() -> None:
    """Cutting comes after hiding."""
    register("canary-0123456789")
    for offset in range(60):
        text = "x" * offset + "canary-0123456789" + "y" * 300
        assert "canary" not in presentable(text, 40)


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_becomes_storable(text: str) -> None:
    """No NUL and no lone surrogate is left."""
    shown = presentable(text)
    assert "\0" not in shown
    shown.encode()
