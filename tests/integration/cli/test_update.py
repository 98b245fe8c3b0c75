"""Commands that make stored films fresh."""

from cinegraph.sandbox import SandboxSettings, start_child

from .conftest import Cli, Inside


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


def test_demand_is_held_against_capacity(inside: Inside) -> None:
    """Each reason, the whole, what the budget allows, and a verdict."""
    told = inside("update", "plan", "--json").json
    assert [one["strategy"] for one in told["demands"]] == [
        "changed",
        "popular",
        "recent",
        "votes",
        "terms",
        "feed",
        "unproven",
        "lists",
    ]
    assert told["is_met"]
    shown = inside("update", "plan").out
    assert "what the budget allows" in shown
    assert told["verdict"] in shown


def test_an_unknown_field_is_refused_before_anything_starts(inside: Inside) -> None:
    """Exit 2, the known fields and the nearest one."""
    told = inside("update", "recent", "--fields", "ratings,revenu")
    assert told.code == 2
    assert "no field 'revenu'" in told.err
    assert "'revenue'" in told.err
    assert inside("runs", "list", "--json").json == []


def test_what_an_update_would_cost_is_told(inside: Inside) -> None:
    """And nothing is started."""
    told = inside("update", "stale", "--dry-run", "--json")
    assert (told.code, told.json["films"], told.json["requests"]) == (0, 0, 0)
    assert "nothing was started" in inside("update", "popular", "--dry-run").out
    assert inside("runs", "list", "--json").json == []


def test_an_update_is_a_run(inside: Inside) -> None:
    """Named by what it is for, with its fields."""
    told = inside("update", "recent", "--months", "3", "--fields", "videos", "--json")
    assert (told.code, told.json["kind"]) == (0, "update_recent")
    assert told.json["arguments"] == {"fields": ["videos"], "months": 3}


def test_changes_are_read_while_one_waits(cli: Cli, inside: Inside) -> None:
    """With a worker running, the days that were read and what they named; and the feed remembers them."""
    evolving = SandboxSettings(
        port=0, films=500, seed=3, rate=0, latency="none", evolve=True, pace=20
    )
    with start_child(evolving) as sandbox:
        cli.environment["TMDB_BASE_URL"] = sandbox.base_url
        node = cli.start("work")
        told = inside("update", "changes", "--wait")
        cli.end(node)
    assert told.code == 0
    assert "queued as job" in told.err
    [today] = inside("update", "feed", "--json").json
    assert today["state"] == "open"
    assert today["reads"] >= 1
    assert today["error"] is None
