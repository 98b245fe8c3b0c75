"""Keys: where they go, and that they go nowhere else."""

import pytest
from pydantic import SecretStr

from cinegraph.sources.credentials import MASK, Credentials

KEY = "canary+key/1="


def test_a_header_carries_the_key() -> None:
    """A key for a header is in the headers and in no parameter."""
    credentials = Credentials(SecretStr(KEY), header="Authorization", prefix="Bearer ")

    assert credentials.headers() == {"Authorization": f"Bearer {KEY}"}
    assert credentials.parameters() == {}


def test_a_parameter_carries_the_key() -> None:
    """A key for the query is in the parameters and in no header."""
    credentials = Credentials(SecretStr(KEY), parameter="api_key")

    assert credentials.parameters() == {"api_key": KEY}
    assert credentials.headers() == {}


def test_no_key_is_sent_nowhere() -> None:
    """Without a key nothing is sent and nothing is masked."""
    credentials = Credentials(header="Authorization", parameter="api_key")

    assert credentials.headers() == credentials.parameters() == {}
    assert credentials.fingerprint == ""
    assert credentials.scrub("text") == "text"


def test_fingerprints_tell_keys_apart() -> None:
    """Two keys differ in their fingerprint, which holds neither."""
    one = Credentials(SecretStr("one"), parameter="k").fingerprint
    two = Credentials(SecretStr("two"), parameter="k").fingerprint

    assert one != two
    assert len(one) == len(two) == 12


@pytest.mark.parametrize(
    "form", [KEY, KEY.upper(), "canary%2Bkey%2F1%3D", "canary%2bkey%2f1%3d"]
)
def test_every_form_is_scrubbed(form: str) -> None:
    """The key is masked as it is and percent-encoded, in text and in bytes."""
    credentials = Credentials(SecretStr(KEY), parameter="api_key")

    assert credentials.scrub(f"?api_key={form}&x=1") == f"?api_key={MASK}&x=1"
    assert credentials.scrub_bytes(b"\xff" + form.encode()) == b"\xff" + MASK.encode()


def test_it_prints_no_key() -> None:
    """Neither `repr` nor what it holds prints the key."""
    credentials = Credentials(SecretStr(KEY), parameter="api_key")

    assert KEY not in repr(credentials)
    assert KEY not in repr(vars(credentials))
