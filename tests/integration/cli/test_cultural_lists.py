"""Cultural lists: files in, tables that fit, and mistakes that say what to do."""

import json
from pathlib import Path

import pytest

from cinegraph.sandbox.child import ChildSandbox

from .conftest import CONTROL_CODES, Inside


def write(file: Path, *ids: str, header: str = "rank,imdb_id,title,year") -> Path:
    """Write a list of films in order of rank."""
    rows = [f"{n},{one},Film [b]{n},19{50 + n}" for n, one in enumerate(ids, 1)]
    file.write_text("\n".join((header, *rows)), encoding="utf-8")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a list of three films."""
    return write(tmp_path / "list.csv", "tt0000001", "tt0000002", "tt0000003")


def test_a_file_is_imported_shown_and_forgotten(inside: Inside, file: Path) -> None:
    """A second time changes nothing; what is not stored is missing, with the reason."""
    import_it = ("lists", "import", "mine", "--file", str(file), "--no-fetch")
    first = inside(*import_it, "--name", "My list", "--ranked")
    again = inside(*import_it, "--json")

    assert (first.code, first.out) == (0, "")
    assert "mine: 3 films, 3 joined, 0 left; 3 not stored yet" in first.err
    assert again.json["stored"]["joined"] == again.json["stored"]["changed"] == 0

    shown = inside("lists", "show", "mine")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert not CONTROL_CODES.search(shown.out)
    assert "Film [b]2" in shown.out
    assert shown.out.startswith("My list\nyourself; weight 0.50; ranked; read ")
    [mine, *_] = [
        each
        for each in inside("lists", "list", "--json").json
        if each["state"] != "not_imported"
    ]
    assert (mine["key"], mine["name"], mine["is_ranked"]) == ("mine", "My list", True)
    assert mine["state"] == "current"
    missing = inside("lists", "missing", "mine", "--json").json
    assert [each["imdb_id"] for each in missing] == [
        "tt0000001",
        "tt0000002",
        "tt0000003",
    ]
    assert {each["reason"] for each in missing} == {"not asked for yet"}

    assert inside("lists", "forget", "mine").code == 0
    gone = inside("lists", "show", "mine")
    assert gone.code == 2
    assert "the list 'mine' is not imported" in gone.err


def test_lists_that_are_known_are_offered(inside: Inside) -> None:
    """With what is to be typed, also at eighty columns."""
    shown = inside("lists", "list")

    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80
    assert shown.out.split()[:5] == ["list", "films", "stored", "weight", "state"]
    assert "letterboxd_top250      –       –    0.55  not imported" in shown.out
    assert "…" not in shown.out
    told = inside("lists", "list", "--json").json
    assert all(word in shown.out for each in told for word in each["name"].split())
    assert "cinegraph lists import registry\n" in shown.out
    assert "cinegraph lists import tspdt --file FILE" in shown.out


def test_who_leaves_is_in_the_history(inside: Inside, file: Path) -> None:
    """With when they joined and left."""
    import_it = ("lists", "import", "mine", "--file", str(file), "--no-fetch")
    inside(*import_it)
    write(file, "tt0000001", "tt0000003")
    inside(*import_it)

    history = inside("lists", "show", "mine", "--history", "--json").json
    table = inside("lists", "show", "mine", "--history")

    assert [each["imdb_id"] for each in history if each["left_at"]] == ["tt0000002"]
    assert max(map(len, table.out.splitlines())) <= 80
    assert len(inside("lists", "show", "mine", "--json").json) == 2


def test_a_shrunken_list_changes_nothing(inside: Inside, tmp_path: Path) -> None:
    """It says so, keeps its members, and takes --accept-shrunk for an answer."""
    file = write(tmp_path / "list.csv", *(f"tt{n:07}" for n in range(1, 21)))
    import_it = ("lists", "import", "mine", "--file", str(file), "--no-fetch")
    inside(*import_it)
    write(file, *(f"tt{n:07}" for n in range(1, 12)))

    refused = inside(*import_it)
    listed = inside("lists", "list", "--json").json[0]
    told = inside("lists", "list")
    accepted = inside(*import_it, "--accept-shrunk")

    assert refused.code == 2
    assert "9 of 20 members would leave at once" in refused.err
    assert "--accept-shrunk" in refused.err
    assert (listed["state"], listed["films"]) == ("shrunken", 20)
    assert "9 of 20 members would leave" in told.out
    assert "lists import mine --accept-shrunk" in " ".join(told.out.split())
    assert accepted.code == 0
    assert "mine: 11 films, 0 joined, 9 left" in accepted.err
    assert inside("lists", "list", "--json").json[0]["state"] == "current"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html>log in</html>", "is a web page, not a list"),
        ("", "it is empty"),
        ('[{"imdb_id": "tt0000001"}, {"im', "broken or cut JSON at line 1"),
        ("a,b\n1,2\n", "no line names a column of ids"),
        ("imdb_id\nxx\nyy\ntt0000001\n", "line 2: column imdb_id: 'xx' is no IMDb id"),
    ],
)
def test_what_is_no_list_is_refused(
    inside: Inside, tmp_path: Path, body: str, reason: str
) -> None:
    """With the reason, and nothing is made of it."""
    file = tmp_path / "list.csv"
    file.write_text(body, encoding="utf-8")

    refused = inside("lists", "import", "mine", "--file", str(file), "--no-fetch")

    assert refused.code == 2
    assert reason in refused.err
    assert "hint:" in refused.err
    assert inside("lists", "show", "mine").code == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("tspdt",), "nobody says where 'tspdt' comes from"),
        (("Mine",), "is no key of a list"),
        (("mine", "--weight", "2", "--file", "x"), "is not between 0 and 1"),
        (("mine", "--file", "x", "--event", "oscars"), "exclude each other"),
        (("mine", "--file", "/nowhere"), "cannot be read here"),
        (("mine", "--url", "https://www.imdb.com/list/ls1"), "pages of imdb.com"),
        (("mine", "--url", "ftp://x"), "is no address of a file"),
        (("registry",), "no film of the festival registry is stored"),
        (("mine", "--event", "nonsense"), "nonsense"),
    ],
)
def test_mistakes_say_what_to_do(
    inside: Inside, arguments: tuple[str, ...], reason: str
) -> None:
    """No traceback, exit code 2, a hint."""
    refused = inside("lists", "import", *arguments)

    assert refused.code == 2
    assert reason in refused.err
    assert "hint:" in refused.err


def test_json_tells_the_run(inside: Inside, file: Path) -> None:
    """What is not stored is fetched by a run."""
    done = inside("lists", "import", "mine", "--file", str(file), "--json")

    assert done.code == 0
    assert json.loads(done.out)["status"] == "queued"
    assert done.json["run_id"] is not None


def test_a_list_of_tmdbs_is_followed_to_its_end(inside: Inside) -> None:
    """Where no worker runs, the command does the work."""
    done = inside("lists", "import", "mixed", "--tmdb-list", "2", "--wait", "--json")
    shown = inside("lists", "show", "mixed")
    missing = inside("lists", "missing", "mixed")

    assert (done.code, done.json["status"]) == (0, "completed")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert len(inside("lists", "show", "mixed", "--json").json) == 15
    assert (missing.out, missing.err) == ("", "every film of mixed is stored\n")


def test_a_list_may_be_read_without_its_films(inside: Inside) -> None:
    """Then at once, by this process; a private one is refused at once, too."""
    done = inside("lists", "import", "mixed", "--tmdb-list", "2", "--no-fetch")
    hidden = inside("lists", "import", "hidden", "--tmdb-list", "3", "--no-fetch")

    assert done.code == 0
    assert "mixed: 15 films, 15 joined, 0 left; 15 not stored yet" in done.err
    assert (hidden.code, "is private" in hidden.err) == (2, True)


def test_an_event_comes_before_its_list(inside: Inside, sandbox: ChildSandbox) -> None:
    """One command imports the awards that are not there yet, and then the list of their winners."""
    done = inside(
        "lists",
        "import",
        "winners",
        "--event",
        "oscars",
        "--wait",
        CINEGRAPH_OSCARS_URL=sandbox.oscars_url,
    )

    assert done.code == 0, done.err
    assert "nothing of the festival oscars is stored: it comes first" in done.err
    films = inside("lists", "show", "winners", "--json").json
    assert films
    assert all(each["movie_id"] for each in films)


def test_a_private_list_fails_and_says_so(inside: Inside) -> None:
    """The run's note and the list's state tell why; nothing is emptied."""
    done = inside("lists", "import", "hidden", "--tmdb-list", "3", "--wait")
    listed = inside("lists", "list")

    assert done.code == 1
    assert "TMDB's list 3 is private" in done.out
    assert "hidden: TMDB's list 3 is private" in listed.out
    assert max(map(len, listed.out.splitlines())) <= 80


@pytest.mark.recorded
def test_the_registry_is_its_awards_event(inside: Inside, recorded_data: Path) -> None:
    """All 991 films that were named, of 37 years, are members, without a request."""
    events = recorded_data / "awards" / "imdb_events" / "ev0000468.yml"
    inside("festivals", "import", "registry", "--file", str(events), "--no-fetch")

    done = inside("lists", "import", "registry", "--no-fetch")

    assert done.code == 0
    assert "registry: 991 films, 991 joined, 0 left" in done.err
    [registry] = [
        each
        for each in inside("lists", "list", "--json").json
        if each["key"] == "registry"
    ]
    assert (registry["source"], registry["location"]) == ("event", "registry")
    assert (registry["films"], registry["refresh_days"]) == (991, 1)
