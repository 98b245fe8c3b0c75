"""Commands that make stored films fresh."""

from .conftest import Inside


def test_a_feed_that_was_never_read(inside: Inside) -> None:
    """It says so, and what to do."""
    told = inside("update", "feed")
    assert (told.code, told.out) == (0, "")
    assert "cinegraph update changes" in told.err
    assert inside("update", "feed", "--json").json == []


def test_changes_are_queued_once(inside: Inside) -> None:
    """A second call says that it is under way."""
    assert "queued as job" in inside("update", "changes").err
    assert "already" in inside("update", "changes").err
