"""`tables.md`: every table and column, from the DDL of the migrations and its comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files

from reference.writing import document, table

_CREATE = re.compile(
    r"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+) \(\n(.*?)\n\)[^;]*;",
    re.DOTALL | re.MULTILINE,
)
_VIEW = re.compile(r"^CREATE VIEW (\w+) AS", re.MULTILINE)
_ALTER = re.compile(r"^ALTER TABLE (\w+)\s+((?:ADD|DROP)\b[^;]*);", re.MULTILINE)
_DROPPED_CHECK = re.compile(r"DROP CONSTRAINT (\w+)_check")
_COMMENT = re.compile(
    r"^COMMENT ON (TABLE|VIEW|COLUMN) ([\w.]+) IS\s+'((?:[^']|'')*)';", re.MULTILINE
)
_COLUMN = re.compile(
    r"^\"?(\w+)\"?\s+((?:timestamp without time zone|double precision|\w+)(?:\[\])?)(.*)$",
    re.IGNORECASE,
)
_CONSTRAINTS = ("constraint", "primary", "unique", "check", "foreign", "exclude")
# Their columns are oban's business; the page of oban says what they mean.
_OBAN = "oban_"


@dataclass(slots=True)
class Table:
    """One table as the DDL states it."""

    name: str
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Type and constraint by name."""
    keys: list[str] = field(default_factory=list)
    """Constraints over the whole table."""
    comments: dict[str, str] = field(default_factory=dict)
    """By column; the table's own under the empty name."""
    is_view: bool = False


def page() -> str:
    """Return the page."""
    tables = read_tables()
    return document(
        "Tables",
        "The schema is public: read it with any tool. Times are `timestamptz`; the columns of `oban_*` are UTC without"
        " a zone. `id` is ours, `tmdb_id` and `imdb_id` are theirs.",
        *(
            _section(each)
            for each in sorted(
                tables.values(),
                key=lambda each: (each.name.startswith(_OBAN), each.name),
            )
        ),
    )


def read_tables() -> dict[str, Table]:
    """Read the DDL of every migration, oldest first."""
    migrations = files("cinegraph.db.migrations")
    # Named by date and slug; the slug is the name of the folder of its SQL.
    versions = sorted(
        each.name
        for each in migrations.joinpath("versions").iterdir()
        if each.name.endswith(".py")
    )
    tables: dict[str, Table] = {}
    for version in versions:
        slug = version.removesuffix(".py").split("_", 1)[1]
        folder = migrations.joinpath("sql", slug)
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            _read(file.read_text(encoding="utf-8"), tables)
    return tables


def _read(ddl: str, tables: dict[str, Table]) -> None:
    if match := re.search(r"^(ALTER TABLE \w+ RENAME|DROP TABLE).*", ddl, re.MULTILINE):
        raise _not_read(match.group())
    for name, body in _CREATE.findall(ddl):
        tables[name] = _table(name, body)
    for name in _VIEW.findall(ddl):
        tables[name] = Table(name, is_view=True)
    for name, actions in _ALTER.findall(ddl):
        for action in _items(re.sub(r"\s*--.*", "", actions)):
            _alter(tables[name], action)
    for kind, name, text in _COMMENT.findall(ddl):
        owner, column = name.split(".") if kind == "COLUMN" else (name, "")
        tables[owner].comments[column] = text.replace("''", "'")


def _alter(altered: Table, action: str) -> None:
    if dropped := _DROPPED_CHECK.fullmatch(action):
        column = dropped[1].removeprefix(f"{altered.name}_")
        kind, rule = altered.columns[column]
        altered.columns[column] = (kind, re.sub(r"\s*CHECK \(.*\)$", "", rule))
    elif added := re.fullmatch(r"ADD COLUMN (.*)", action):
        match = _COLUMN.match(added[1])
        if match is None:
            raise _not_read(action)
        altered.columns[match[1]] = (match[2], match[3].strip())
    elif added := re.fullmatch(r"ADD (?:CONSTRAINT \w+ )?((?:CHECK|UNIQUE).*)", action):
        altered.keys.append(added[1])
    else:
        raise _not_read(action)


def _not_read(statement: str) -> NotImplementedError:
    return NotImplementedError(
        f"scripts/reference/tables.py does not read this yet: {statement}"
    )


def _table(name: str, body: str) -> Table:
    made = Table(name)
    for item in _items(re.sub(r"\s*--.*", "", body)):
        match = _COLUMN.match(item)
        if item.split()[0].lower() in _CONSTRAINTS or match is None:
            made.keys.append(item)
        else:
            made.columns[match[1]] = (match[2], match[3].strip())
    return made


def _items(body: str) -> Iterator[str]:
    """Split at the commas that stand in no bracket."""
    depth, start = 0, 0
    for place, letter in enumerate(body):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield " ".join(body[start:place].split())
            start = place + 1
    yield " ".join(body[start:].split())


def _section(each: Table) -> str:
    parts = [f"## {each.name}", each.comments.get("", "")]
    if each.is_view:
        return "\n\n".join([*parts, "A view; its columns are those of its statement."])
    if each.name.startswith(_OBAN):
        parts.append(
            "A table of Oban; `cinegraph jobs` and `cinegraph queues` show it."
        )
    rows = [
        [
            f"`{name}`",
            f"`{kind}`",
            f"`{rule}`" if rule else "",
            each.comments.get(name, ""),
        ]
        for name, (kind, rule) in each.columns.items()
    ]
    parts.append(table(["Column", "Type", "", "Meaning"], rows))
    parts += [f"- `{key}`" for key in each.keys]
    return (
        "\n\n".join(filter(None, parts))
        .replace("\n\n- `", "\n- `")
        .replace("|\n- `", "|\n\n- `")
    )
