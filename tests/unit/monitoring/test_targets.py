"""Addresses of messages: split as people write them, called without telling them, hidden where they are secret."""

import pytest

from cinegraph.monitoring import targets


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", None),
        ("ntfy://films", ["ntfy"]),
        ("ntfy://films, slack://a/b/c", ["ntfy", "slack"]),
        ("  ntfy://a\n ntfy://b,", ["ntfy 1", "ntfy 2"]),
        ("mailto://a:b@c.org?to=x@y.org,z@y.org,json://h", ["mailto", "json"]),
        ("ntfy://a ntfy://a", ["ntfy"]),
        ("NTFYS://a", ["ntfys"]),
        ("example.org/hook", None),
        ("://x", None),
        ("json://", None),
    ],
)
def test_addresses(text: str, names: list[str] | None) -> None:
    """A comma within one stays; the same twice is one; what says no kind is refused by its place."""
    if names is None:
        with pytest.raises(ValueError, match="address 1 does not say"):
            targets.parse(text)
    else:
        assert [target.name for target in targets.parse(text)] == names


def test_the_refusal_tells_no_secret() -> None:
    """It may stand in a log."""
    with pytest.raises(ValueError, match="address 1") as caught:
        targets.parse("T0psecret/hook, ntfy://a")
    assert "T0psecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "secrets", "harmless"),
    [
        (
            "mailto://me:pa%24sword@example.org",
            {"pa%24sword", "pa$sword"},
            {"example.org"},
        ),
        (
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
            {"T1JJ3T3L2", "TIiajkdnlazkcOXrIdevi7FQ"},
            set(),
        ),
        ("ntfy://cinegraph", set(), {"cinegraph"}),
        (
            "json://localhost:8080/films?+X-Token=abcd1234efgh",
            {"abcd1234efgh"},
            {"localhost", "films"},
        ),
    ],
)
def test_what_is_hidden(url: str, secrets: set[str], harmless: set[str]) -> None:
    """The address as a whole, passwords, what looks made up; words of people stay readable."""
    [target] = targets.parse(url)
    found = set(targets.list_secrets(target))
    assert {url, *secrets} <= found
    assert not harmless & found
    assert url not in repr(target)
    assert url not in target.fingerprint
