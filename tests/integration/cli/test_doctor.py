"""`cinegraph doctor` finds what is wrong."""

import socket
from contextlib import suppress

import psycopg

from cinegraph.sandbox.child import start_child
from cinegraph.sandbox.settings import DEFAULT_PORT, SandboxSettings

from .conftest import Cli, Done, Inside


def _levels(done: Done) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in done.json:
        found.setdefault(finding["check"], []).append(finding["level"])
    return found


def test_a_healthy_deployment(inside: Inside) -> None:
    """Nothing fails; a missing worker is only a warning while nothing waits."""
    done = inside("doctor", "--json")
    levels = _levels(done)
    assert done.code == 0
    assert levels["schema"] == ["ok"]
    assert levels["messages"] == ["ok"]
    assert levels["clock"] == ["ok", "ok"]
    assert levels["workers"] == ["warn"]


def test_no_key(inside: Inside) -> None:
    """Without a key TMDB is not even asked."""
    done = inside("doctor", "--json", TMDB_BASE_URL="")
    assert done.code == 1
    assert _levels(done)["key"] == ["fail"]


def test_a_bad_key(inside: Inside) -> None:
    """TMDB's refusal is found by asking once."""
    settings = SandboxSettings(port=0, films=50, latency="none", key="right")
    with start_child(settings) as strict:
        done = inside(
            "doctor", "--json", TMDB_BASE_URL=strict.base_url, TMDB_API_KEY="wrong-key"
        )
    assert done.code == 1
    assert _levels(done)["key"] == ["fail"]


def test_no_database(inside: Inside) -> None:
    """A server that does not answer is a failure with a hint."""
    done = inside("doctor", "--json", DATABASE_URL="postgresql://u@127.0.0.1:1/x")
    assert done.code == 1
    (finding,) = [one for one in done.json if one["check"] == "database"]
    assert finding["level"] == "fail"
    assert finding["todo"]


def test_nothing_set_up(bare_cli: Cli, bare_inside: Inside) -> None:
    """An empty home is a warning, and stays empty."""
    done = bare_inside(
        "doctor", "--json", TMDB_API_KEY="", TMDB_BASE_URL="http://127.0.0.1:1/3"
    )
    assert _levels(done)["database"] == ["warn"]
    assert _levels(done)["upstream"] == ["fail"]
    assert not (bare_cli.folder / "home").exists()


def test_a_home_that_cannot_be_made(bare_cli: Cli, bare_inside: Inside) -> None:
    """A file stands where the folder of our own server has to be."""
    taken = bare_cli.folder / "taken"
    taken.touch()
    done = bare_inside(
        "doctor",
        "--json",
        CINEGRAPH_HOME=str(taken / "home"),
        TMDB_BASE_URL="http://127.0.0.1:1/3",
    )
    assert done.code == 1
    assert _levels(done)["home"] == ["fail"]


def test_a_misspelt_setting(inside: Inside) -> None:
    """It is told, also by `config check`, and nothing fails."""
    done = inside("doctor", "--json", CINEGRAPH_PROFIL="prod")
    assert done.code == 0
    assert _levels(done)["settings"] == ["ok", "warn"]
    checked = inside("config", "check", CINEGRAPH_PROFIL="prod")
    assert checked.code == 0
    assert "did you mean CINEGRAPH_PROFILE?" in checked.err


def test_the_port_does_not_matter_elsewhere(inside: Inside) -> None:
    """Who asks TMDB itself has no use for the sandbox's port."""
    done = inside("doctor", "--json", TMDB_BASE_URL="")
    assert "port" not in _levels(done)


def test_wrong_settings(inside: Inside) -> None:
    """What cannot be read is the one finding."""
    done = inside("doctor", "--json", CINEGRAPH_PROFILE="huge")
    assert done.code == 1
    assert _levels(done) == {"settings": ["fail"]}


def test_old_and_newer_schemas(inside: Inside, database_url: str) -> None:
    """Both are told apart, and nothing is changed."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE cinegraph_schema_version SET version_num = '9999_from_the_future'"
        )
        newer = inside("doctor", "--json")
        connection.execute("DELETE FROM cinegraph_schema_version")
        older = inside("doctor", "--json")
    assert newer.code == 1
    assert "newer" in next(f["found"] for f in newer.json if f["check"] == "schema")
    assert _levels(older)["schema"] == ["warn"]


def test_a_taken_port(inside: Inside) -> None:
    """The port of the sandbox is looked at without disturbing who has it."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Who cannot take it knows that somebody has it.
        with suppress(OSError):
            taken.bind(("127.0.0.1", DEFAULT_PORT))
            taken.listen()
        assert _levels(inside("doctor", "--json"))["port"] == ["warn"]


def test_work_that_waits_for_a_worker(inside: Inside) -> None:
    """Waiting jobs make the missing worker a failure."""
    inside("import", "popular", "--pages", "1")
    done = inside("doctor", "--json")
    assert done.code == 1
    assert _levels(done)["workers"] == ["fail"]


def test_zombies_and_a_halted_source(inside: Inside, database_url: str) -> None:
    """Jobs of dead nodes are counted, a refused key is remembered."""
    inside("import", "popular", "--pages", "1")
    inside("doctor")
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE oban_jobs SET state = 'executing', attempted_by = '{gone.1,no-such-uuid}',"
            " attempted_at = timezone('UTC', clock_timestamp()) - interval '1 minute'"
        )
        connection.execute(
            "INSERT INTO request_budgets (source, rate_per_second, burst, configured_at, next_slot_at,"
            " touched_at, halted_at, halt_reason, halted_key)"
            " VALUES ('tmdb', 39, 4, now(), now(), now(), now(), 'HTTP 401', 'x')"
            " ON CONFLICT (source) DO UPDATE SET halted_at = now(), halt_reason = 'HTTP 401', halted_key = 'x'"
        )
    levels = _levels(inside("doctor", "--json"))
    assert levels["zombies"] == ["warn"]
    assert levels["budget"] == ["fail"]
    assert "stands still" in inside("status").out
