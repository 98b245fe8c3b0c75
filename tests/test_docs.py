"""The documentation is the code's: generated pages are current, and what is written by hand names what exists."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cinegraph import cli
from cinegraph.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BY_HAND = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("src/**/*.md"),
        *ROOT.glob("requirements/*.md"),
    ]
    if path.parent.name != "reference"
)
PAGES = sorted(
    {*BY_HAND, *ROOT.glob("docs/reference/*.md")}
    - {ROOT / "docs" / "architecture_preface.md"}
)
"""The preface's links are those of ARCHITECTURE.md, where it ends up."""

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
_VARIABLE = re.compile(r"\b((?:CINEGRAPH|TMDB|OMDB)_[A-Z_]+|DATABASE_URL)\b")
# Of the tests and of issues to come; everything else that looks like a setting has to be one.
_OTHER_VARIABLES = {"CINEGRAPH_TEST_DATA", "CINEGRAPH_TEST_DATABASE_URL"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_generated_pages_are_current() -> None:
    """`make docs` would change nothing."""
    done = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file finds it, a link to a heading finds the heading."""
    broken = [
        link for link in _LINK.findall(_prose(page)) if not _leads_somewhere(page, link)
    ]

    assert broken == []


@pytest.mark.parametrize("page", BY_HAND, ids=_name)
def test_settings_exist(page: Path) -> None:
    """A variable that a page names is one that is read."""
    known = {field.alias for field in Settings.model_fields.values()} | _OTHER_VARIABLES

    assert set(_VARIABLE.findall(page.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("page", BY_HAND, ids=_name)
def test_commands_exist(page: Path) -> None:
    """Every `cinegraph …` line of a shell block is a command, with options it has."""
    wrong = [
        line
        for line in _shell_lines(page)
        if line.startswith("cinegraph ") and not _is_command(line)
    ]

    assert wrong == []


@pytest.mark.parametrize("page", BY_HAND, ids=_name)
def test_make_targets_exist(page: Path) -> None:
    """Every `make …` of a page is a target."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = re.findall(
        r"(?:^|`)make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert set(named) <= targets


@pytest.mark.parametrize("page", BY_HAND, ids=_name)
def test_python_examples_are_python(page: Path) -> None:
    """An example compiles, and what it imports of ours is there."""
    for language, code in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language != "python":
            continue
        compile(code, _name(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "cinegraph"
            ):
                module = __import__(node.module or "", fromlist=["x"])
                assert [
                    each.name for each in node.names if not hasattr(module, each.name)
                ] == []


def test_decisions_are_numbered_without_gaps() -> None:
    """Each decision has a number of its own and says its date and status."""
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [int(page.name[:4]) for page in pages]

    assert numbers == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert re.match(rf"# {page.name[:4]} ", text)
        assert re.search(
            r"^(Accepted|Superseded by \[\d{4}\]\S*), \d{4}-\d\d-\d\d$",
            text,
            re.MULTILINE,
        )


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists() or not anchor:
        return target.exists()
    headings = re.findall(
        r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE
    )
    return anchor in {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in headings
    }


def _shell_lines(page: Path) -> list[str]:
    return [
        line.removeprefix("$ ").split("  #")[0].strip()
        for language, code in _FENCE.findall(page.read_text(encoding="utf-8"))
        if language in {"sh", "bash", "console", "shell"}
        for line in code.splitlines()
    ]


def _is_command(line: str) -> bool:
    words = shlex.split(line, comments=True)[1:]
    command: Any = cli.root()
    while words and hasattr(command, "list_commands"):
        command = command.get_command(None, words.pop(0))
        if command is None:
            return False
    known = {
        name for each in command.params for name in [*each.opts, *each.secondary_opts]
    }
    used = {word.partition("=")[0] for word in words if word.startswith("-")}
    return used <= known | {"--help", "-h"}
