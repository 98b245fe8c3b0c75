"""Rules about the whole tree that no single module can keep: ranks, sizes, and where SQL, time and secrets may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from cinegraph.jobs.worker import list_workers
from reference.jobs import import_workers

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "cinegraph"

MODULE_CEILING = 600
FUNCTION_CEILING = 60
LONGER: dict[str, str] = {}
"""`path` or `path::function` → why it may be longer."""

READS_ENVIRONMENT = {
    "settings.py": "the one reader of settings",
    "bootstrap.py": "NO_COLOR, a convention of terminals, not a setting of ours",
    "cli/boundary.py": "the settings may be what is wrong, so whether to show a traceback is asked where it is",
    "cli/database.py": "psql is the person's program and gets the person's environment",
    "db/embedded/server.py": "the guard process inherits nothing but where a relocated Python finds its library",
}
"""Modules below src/cinegraph that may look at os.environ, and why."""

COMPOSES_SQL = {
    "browse.py": "filtered reads",
    "searching.py": "filters and orders of films",
    "insights.py": "filtered reads",
}
"""File names that may compose statements with psycopg.sql, and for what."""

HOLDS_SQL = {
    "db/embedded/": "setting up a server, before there is anything to own a file",
    "db/migrate.py": "the lock and limits of an upgrade, set on Alembic's connection",
    "db/backup.py": "bookkeeping of whole databases",
    "db/pool.py": "settings of a session",
}
"""Places whose statements are about the server, not about rows of ours."""

REAL_TIME_SQL = ("limits", "jobs", "db", "monitoring/sql/queue_counts.sql")
"""Packages and files whose SQL may ask the database's clock: tokens, leases, heartbeats, Oban stay on real time."""

_STATEMENT = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s|TRUNCATE\s|MERGE\s+INTO\s"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|TYPE|VIEW|SCHEMA|DATABASE|FUNCTION)\s|COPY\s+\w+|LOCK\s+TABLE\s"
    r"|SET\s+(LOCAL|SESSION)\s|(NOTIFY|LISTEN)\s+\S*\s*(,|;|$))"
)
_SQL_CLOCK = re.compile(
    r"\b(now\s*\(|clock_timestamp\s*\(|statement_timestamp\s*\(|transaction_timestamp\s*\("
    r"|current_timestamp\b|current_date\b|localtimestamp\b)",
    re.IGNORECASE,
)
_PY_CLOCK = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
_CONNECTING = {
    "ClientSession",
    "TCPConnector",
    "urlopen",
    "HTTPConnection",
    "HTTPSConnection",
}
_CONNECTING_MODULES = {"httpx", "requests", "urllib3", "urllib.request", "http.client"}


def _modules(folder: Path = PACKAGE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _name(path: Path, base: Path = PACKAGE) -> str:
    return path.relative_to(base).as_posix()


def _statements(path: Path) -> list[str]:
    """Give the SQL of a file without its comments."""
    text = path.read_text(encoding="utf-8")
    return [line for line in re.sub(r"--[^\n]*", "", text).splitlines() if line.strip()]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _dotted(node: ast.expr) -> tuple[str, ...]:
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=owner, attr=name):
            return (*_dotted(owner), name)
    return ()


class TestRanks:
    """Who may import whom."""

    def test_import_contracts_hold(self) -> None:
        """Every contract of import-linter in pyproject.toml is kept."""
        program = Path(sys.executable).with_name("lint-imports")
        done = subprocess.run(  # noqa: S603 - our own environment's program
            [program, "--no-cache"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]

    def test_only_the_http_client_connects_to_upstreams(self) -> None:
        """
        Nothing but sources/http.py uses anything that opens an HTTP connection.

        sandbox/remote.py speaks to the control address of an imitation on this machine, which is no upstream.
        """
        found = {
            f"{_name(path)}:{node.lineno} {used}"
            for path in _modules()
            if _name(path) not in {"sources/http.py", "sandbox/remote.py"}
            for node, used in _connections(path)
        }

        assert found == set()

    def test_imitations_know_only_records_and_their_own_folder(self) -> None:
        """A provider's sandbox.py is the inverse of its transform: records in, the vendor's JSON out."""
        found = {
            f"{_name(path)}: {module}"
            for path in PACKAGE.glob("sources/providers/*/sandbox.py")
            for module in _imports(path)
            if module.startswith("cinegraph")
            and not module.startswith("cinegraph.records")
            and not module.startswith(f"cinegraph.sources.providers.{path.parent.name}")
        }

        assert found == set()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _connections(path: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(_tree(path)):
        match node:
            case ast.Import(names=names):
                used = {name.name for name in names} & _CONNECTING_MODULES
            case ast.ImportFrom(module=str(module), names=names):
                used = ({module} & _CONNECTING_MODULES) | (
                    {n.name for n in names} & _CONNECTING
                )
            case ast.Attribute(attr=name):
                used = {name} & _CONNECTING
            case _:
                continue
        yield from ((node, name) for name in sorted(used))


class TestSizes:
    """A ceiling is a stop sign, not a target."""

    def test_no_module_is_longer_than_the_ceiling(self) -> None:
        """
        A module beyond 600 lines is split by subject, or allowed with a reason.

        Tests mirror the module they test, so that theirs is the length that counts.
        """
        found = {
            _name(path, ROOT): length
            for folder in (PACKAGE, ROOT / "scripts", ROOT / "benchmarks")
            for path in _modules(folder)
            if (length := len(path.read_text(encoding="utf-8").splitlines()))
            > MODULE_CEILING
        }

        assert found.keys() <= LONGER.keys()

    def test_no_function_is_longer_than_the_ceiling(self) -> None:
        """A function beyond 60 lines, docstring apart, is split, or allowed with a reason."""
        found = {
            f"{_name(path, ROOT)}::{function.name}": length
            for path in _modules()
            for function in _functions(path)
            if (length := _body_length(function)) > FUNCTION_CEILING
        }

        assert found.keys() <= LONGER.keys()

    def test_every_exception_is_still_needed(self) -> None:
        """What became short again leaves the list."""
        names = {key.partition("::")[0] for key in LONGER}

        assert {name for name in names if not (ROOT / name).exists()} == set()


def _body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


class TestSql:
    """SQL is written as SQL, in a file, by the package that owns the rows."""

    def test_statements_stand_in_sql_files(self) -> None:
        """No string of the code is a statement, but where reads are composed or a server is set up."""
        found = {
            f"{_name(path)}:{node.lineno} {text.split()[0]}"
            for path in _modules()
            if not _name(path).startswith(tuple(HOLDS_SQL))
            for node, text in _sql_strings(path)
        }

        assert found == set()

    @pytest.mark.parametrize("path", sorted(PACKAGE.rglob("sql/**/*.sql")), ids=_name)
    def test_a_sql_file_says_what_it_does(self, path: Path) -> None:
        """It opens with a comment, which names every parameter."""
        text = path.read_text(encoding="utf-8")
        header = re.match(r"(--[^\n]*\n)*", text)
        assert header is not None
        parameters = set(re.findall(r"%\((\w+)\)s", text))

        assert text.startswith("-- ")
        assert {
            name for name in parameters if not re.search(rf"\b{name}\b", header[0])
        } == set()

    @pytest.mark.parametrize("path", sorted(PACKAGE.rglob("sql/*.sql")), ids=_name)
    def test_a_sql_file_is_used(self, path: Path) -> None:
        """A module of the same package names it."""
        code = "".join(
            module.read_text(encoding="utf-8") for module in _modules(path.parents[1])
        )

        assert re.search(rf"\b{path.stem}\b", code)

    def test_sql_takes_the_time_as_a_parameter(self) -> None:
        """Only what stays on real time asks the database's clock, and then clock_timestamp() alone."""
        found = {
            f"{_name(path)}: {match[0]}"
            for path in sorted(PACKAGE.rglob("*.sql"))
            if path.name != "01_oban.sql"  # a frozen copy of Oban's own DDL
            for line in _statements(path)
            for match in _SQL_CLOCK.finditer(line)
            if not (
                match[0].lower().startswith("clock_timestamp")
                and _name(path).startswith(REAL_TIME_SQL)
            )
        }

        assert found == set()


def _sql_strings(path: Path) -> Iterator[tuple[ast.expr, str]]:
    """Give the strings that are statements: not docstrings, nor arguments of psycopg's SQL() where that may be."""
    exempt = {id(node) for node in _exempt_strings(path)}
    for node in ast.walk(_tree(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in exempt
        ):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                part.value for part in node.values if isinstance(part, ast.Constant)
            )
        else:
            continue
        if _STATEMENT.match(text):
            yield node, text


def _exempt_strings(path: Path) -> Iterator[ast.AST]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Expr):
            yield node.value
        elif (
            isinstance(node, ast.Call)
            and _dotted(node.func)[-1:] == ("SQL",)
            and path.name in COMPOSES_SQL
        ):
            yield from node.args


class TestTime:
    """`cinegraph.clock` is the only one that asks what time it is."""

    def test_only_the_clock_reads_the_clock(self) -> None:
        """Monotonic time for measuring is free to use; a date is not."""
        found = {
            f"{_name(path)}:{node.lineno}"
            for path in _modules()
            if _name(path) != "clock.py"
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.Attribute) and _dotted(node)[-2:] in _PY_CLOCK
        }

        assert found == set()


class TestEnvironment:
    """Settings are read once and passed down."""

    def test_only_settings_reads_the_environment(self) -> None:
        """Whoever else looks at os.environ is listed with a reason."""
        found = {
            _name(path)
            for path in _modules()
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.Attribute)
            and _dotted(node)[-2:]
            in {("os", "environ"), ("os", "getenv"), ("os", "environb")}
        }

        assert found == set(READS_ENVIRONMENT)


class TestDocstrings:
    """A folder, a function and a test say what they are for."""

    @pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=_name)
    def test_a_package_says_what_lives_there(self, path: Path) -> None:
        """Its docstring has what lives here, who may import whom, and how to add one more."""
        text = ast.get_docstring(_tree(path)) or ""

        assert len(re.findall(r"[.:](\s|$)", text)) >= 2
        if path.parent != PACKAGE:
            assert re.search(r"\bimport", text, re.IGNORECASE)
            assert re.search(r"\b(add|new|change|replace)\b", text, re.IGNORECASE)

    def test_every_public_thing_has_a_docstring(self) -> None:
        """Modules, public classes and functions, and every test."""
        found = {
            f"{_name(path, ROOT)}::{name}"
            for folder in (
                PACKAGE,
                ROOT / "tests",
                ROOT / "scripts",
                ROOT / "benchmarks",
            )
            for path in _modules(folder)
            for name in _undocumented(_tree(path), "")
        }

        assert found == set()

    def test_long_docstrings_open_on_a_line_of_their_own(self) -> None:
        """One shape for docstrings of several lines."""
        found = {
            f"{_name(path, ROOT)}:{node.lineno}"
            for folder in (PACKAGE, ROOT / "tests", ROOT / "scripts")
            for path in _modules(folder)
            for node in ast.walk(_tree(path))
            if isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            )
            and (text := ast.get_docstring(node, clean=False))
            and "\n" in text.strip("\n ")
            and not text.startswith("\n")
            for node in node.body[:1]
        }

        assert found == set()


def _undocumented(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    if ast.get_docstring(node) is None:
        yield prefix or "(module)"
    for child in node.body:
        match child:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield from _undocumented(child, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if (
                not name.startswith("_")
            ):
                if ast.get_docstring(child) is None and not _is_overload(child):
                    yield f"{prefix}{name}"


def _is_overload(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(_dotted(each)[-1:] == ("overload",) for each in function.decorator_list)


class TestRepository:
    """What must never be committed."""

    LEAKS = (
        (r"\x00", "a NUL character"),
        (
            r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
            "a token",
        ),
        (
            r"https?://[^\s\"']*/(simple\b|packages/[0-9a-f]{2}/)",
            "the address of a package registry",
        ),
        (r"\B/(home|Users)/[a-z]", "a path of somebody's machine"),
    )

    @pytest.mark.parametrize(
        ("pattern", "what"), LEAKS, ids=[what for _, what in LEAKS]
    )
    def test_no_file_holds(self, pattern: str, what: str) -> None:
        """No text of the repository holds a secret, a registry's address or a NUL character."""
        found = [
            path.relative_to(ROOT).as_posix()
            for path in _texts()
            if path != Path(__file__)
            and re.search(pattern, path.read_text(encoding="utf-8", errors="replace"))
        ]

        assert found == [], what

    def test_every_dependency_is_pinned_by_hash(self) -> None:
        """A line without a hash would be installed unchecked, or refused."""
        found = [
            f"{path.name}: {line}"
            for path in sorted((ROOT / "requirements").glob("*.txt"))
            for line in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
            if not re.match(
                r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}",
                line,
                re.DOTALL,
            )
        ]

        assert found == []


def _texts() -> Iterator[Path]:
    for entry in sorted(ROOT.iterdir()):
        if entry.is_dir() and entry.name.startswith(".") and entry.name != ".ci":
            continue
        for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            if path.is_file() and not {"__pycache__", "results"} & set(path.parts):
                yield path


class TestWorkerNames:
    """A worker's import path is stored in every job: it is wire format (ADR 0003)."""

    def test_the_list_names_every_worker(self) -> None:
        """A new worker gains a line; a line whose worker is gone needs a migration of the queued rows first."""
        import_workers()
        listed = (
            (ROOT / "tests" / "worker_names.txt").read_text(encoding="utf-8").split()
        )
        registered = [
            each.name for each in list_workers() if each.name.startswith("cinegraph.")
        ]

        assert listed == registered


def test_the_sql_of_migrations_is_shipped() -> None:
    """The package finds its own DDL through importlib, as an installed wheel must."""
    assert files("cinegraph.db.migrations").joinpath("sql", "initial").is_dir()


def test_commands_start_without_what_few_of_them_need() -> None:
    """Numpy and scipy take nearly a second of CPU to load: what reckons with them is imported where it is called."""
    code = "import sys, cinegraph.cli.movie, cinegraph.cli.status; print({'numpy', 'scipy'} & sys.modules.keys())"
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert told.stdout == "set()\n"
