"""`cinegraph enrich`: computing everything, seeing how far it is, and what excludes what."""

import pytest

from .conftest import Inside


def test_everything_is_computed_and_counted(inside: Inside) -> None:
    """By this process where no worker runs; afterwards nothing is due."""
    assert inside("import", "popular", "--pages", "1", "--wait").code == 0
    for kind in ("collaborations", "lists", "cri", "recommendations"):
        told = inside("enrich", kind, "--wait")
        assert told.code == 0, told.err
        assert "completed: 20 films; took" in told.out

    status = inside("enrich", "status", "--json").json

    kinds = {one["enrichment"]: one for one in status["kinds"]}
    assert kinds.keys() == {
        "collaborations",
        "cultural_lists",
        "cri_score",
        "recommendations",
    }
    for one in kinds.values():
        assert one["current"] + one["impossible"] == 20
        assert (one["due"], one["failing"], one["missing"]) == (0, 0, 0)
        assert sum(why["films"] for why in one["impossible_for"]) == one["impossible"]
    assert status["changes_waiting"] == 0


def test_what_is_queued_is_told(inside: Inside) -> None:
    """Without waiting; for programs as a run."""
    inside("import", "popular", "--pages", "1", "--wait")

    told = inside("enrich", "cri", "--due")
    assert "no worker is running" in told.err

    run = inside("enrich", "collaborations", "--json").json
    assert (run["kind"], run["state"]) == ("enrich", "running")
    listed = inside("runs", "list").out
    assert "cri_score of films due" in listed
    assert "collaborations of all" in listed


@pytest.mark.parametrize(
    "arguments",
    [
        ["cri", "--backtest", "tspdt", "--compare", "1", "2"],
        ["cri", "--backtest", "tspdt", "--wait"],
        ["cri", "--movers", "3"],
        ["recommendations", "--evaluate", "ratings.csv", "--due"],
    ],
)
def test_measuring_and_computing_exclude_each_other(
    inside: Inside, arguments: list[str]
) -> None:
    """Exit code 2, with what to leave away."""
    told = inside("enrich", *arguments)

    assert told.code == 2
    assert "hint: " in told.err


def test_an_unknown_list_cannot_be_held_out(inside: Inside) -> None:
    """With how to see which there are."""
    inside("import", "popular", "--pages", "1", "--wait")

    told = inside("enrich", "cri", "--backtest", "nothing")

    assert told.code == 2
    assert "nothing" in told.err
    assert "lists list" in told.err
