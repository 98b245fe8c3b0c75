"""A person's mistakes: exit 2, a hint, no traceback, nothing on stdout."""

import pytest

from .conftest import Inside

_HUGE = "9" * 30
"""More than any number of PostgreSQL's."""

_MISTAKES = [
    ["nonsense"],
    ["import", "popular", "--pages", "0"],
    ["import", "popular", "--pages", "-3"],
    ["import", "popular", "--pages", "501"],
    ["import", "popular", "--pages", "many"],
    ["import", "popular", "--pages", _HUGE],
    ["import", "top-rated", "--pages", "0", "--wait"],
    ["import", "movie"],
    ["import", "movie", "0"],
    ["import", "movie", "--", "-5"],
    ["import", "movie", "the matrix"],
    ["import", "movie", _HUGE],
    ["import", "movie", "#" + _HUGE],
    ["import", "movie", "tt"],
    ["import", "movie", "tt9999999999"],
    ["import", "movie", "#7"],
    ["import", "movie", "603", "--inline", "--wait"],
    ["runs", "1"],
    ["runs", "show", "1"],
    ["runs", "show", "0"],
    ["runs", "show", _HUGE],
    ["runs", "cancel", "1"],
    ["runs", "--limit", "0"],
    ["jobs", "show", "1"],
    ["jobs", "show", _HUGE],
    ["jobs", "list", "--state", "tired"],
    ["jobs", "list", "--limit", "-1"],
    ["queues", "pause", "nothing"],
    ["queues", "scale", "imports", "0"],
    ["queues", "scale", "imports", "--", "-1"],
    ["queues", "scale", "imports", _HUGE],
    ["work", "--queues", "nothing:3"],
    ["work", "--queues", "imports:0"],
    ["work", "--queues", "imports:many"],
    ["work", "--queues", ""],
    ["limits", "--hours", "0"],
    ["movie", "what"],
    ["movie", "12"],
    ["db", "backup", "/no/such/folder/file"],
    ["db", "restore", "/no/such/file"],
]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["lists", "import", "--file"], "lists import"),
        (["lists", "import", "mine", "--weight"], "lists import"),
        (["movie", "238", "--diversity"], "movie"),
        (["runs", "list", "--limit"], "runs list"),
    ],
)
def test_the_help_of_the_command_is_named(
    inside: Inside, arguments: list[str], command: str
) -> None:
    """Also of an option that lacks its value."""
    told = inside(*arguments)

    assert told.code == 2
    assert f"hint: `cinegraph {command} --help` says what it takes." in told.err


@pytest.mark.parametrize("arguments", _MISTAKES, ids=" ".join)
def test_a_mistake_is_explained(inside: Inside, arguments: list[str]) -> None:
    """Whatever is wrong is said in one line with what to do about it."""
    done = inside(*arguments)
    assert done.code == 2, done.err
    assert "error: " in done.err
    assert "hint: " in done.err
    assert "Traceback" not in done.err
    assert not done.out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TMDB_REQUESTS_PER_SECOND", "fast"),
        ("CINEGRAPH_PROFILE", "huge"),
        ("CINEGRAPH_MAX_CONCURRENT_IMPORTS", "0"),
        ("DATABASE_URL", "postgresql://user:hunter2secret@[/nonsense"),
        ("TMDB_BASE_URL", "ftp://example.org"),
    ],
)
def test_a_wrong_setting_is_named(inside: Inside, name: str, value: str) -> None:
    """The setting is named, its value never repeated."""
    done = inside("import", "popular", **{name: value})
    assert done.code == 2, done.err
    assert "hint: " in done.err
    assert "hunter2secret" not in done.err
    assert "Traceback" not in done.err


def test_a_missing_key_is_said_at_once(inside: Inside) -> None:
    """Nobody waits for a job to find out that TMDB needs a key."""
    done = inside("import", "popular", TMDB_BASE_URL="")
    assert done.code == 2
    assert "TMDB_API_KEY" in done.err


def test_an_unreachable_database_is_failed_work(inside: Inside) -> None:
    """A database that is down is nobody's mistake: exit 1, and what to do."""
    done = inside("status", DATABASE_URL="postgresql://u:hunter2secret@127.0.0.1:1/x")
    assert done.code == 1
    assert "hint: " in done.err
    assert "hunter2secret" not in done.err + done.out


@pytest.mark.parametrize("group", [[], ["jobs"], ["db"], ["import"], ["config"]])
def test_a_bare_group_is_a_question(inside: Inside, group: list[str]) -> None:
    """What it can do is the answer: plain help on stdout and no complaint."""
    done = inside(*group)
    assert (done.code, done.err) == (0, "")
    assert "Usage: " in done.out


def test_a_film_that_cannot_be_found_stops_all(inside: Inside) -> None:
    """Whoever named several is told that none of them was taken."""
    done = inside("import", "movie", "603", "tt9999999999")
    assert "nothing was imported" in done.err


def test_inline_without_a_key_is_wrong_use(inside: Inside) -> None:
    """As it is with a queue."""
    done = inside("import", "movie", "603", "--inline", TMDB_BASE_URL="")
    assert done.code == 2
    assert "TMDB_API_KEY" in done.err
