"""
Writing to people and programs: data to stdout, progress and complaints to stderr.

Control codes go only to a terminal; `NO_COLOR` takes the colours away there too. Texts
are never read as markup: a film may be called "[bold]". Nor as control codes: a title
could move the cursor, rename the window or hide what follows.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final, override

import msgspec
from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cinegraph.errors import UsageError
from cinegraph.scrubbing import scrub

_CONTROLS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""C0 but for the end of a line, DEL, and C1, which terminals take for ESC and a letter."""


class _Console(Console):
    """Sends no control codes but its own: those in texts are left out, which have no width either."""

    @override
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROLS.search(segment.text):
                yield segment
            else:
                yield Segment(_CONTROLS.sub("", segment.text), segment.style)


def make_console(stream: IO[str]) -> Console:
    """Return a console on *stream* that is plain unless a person looks at it."""
    is_terminal = stream.isatty()
    return _Console(
        file=stream,
        # Said outright: FORCE_COLOR in a CI must not send codes into a pipe.
        force_terminal=is_terminal,
        no_color=None if is_terminal else True,
        markup=False,
        highlight=False,
        emoji=False,
    )


def out() -> Console:
    """Return the console for what was asked for."""
    return make_console(sys.stdout)


def err() -> Console:
    """Return the console for progress, hints and complaints."""
    return make_console(sys.stderr)


def is_live(console: Console) -> bool:
    """Whether lines may be drawn over: a terminal that is not dumb."""
    return console.is_terminal and not console.is_dumb_terminal


def show(*renderables: RenderableType) -> None:
    """Write what was asked for to stdout; without spaces at line ends for programs."""
    console = out()
    if console.is_terminal:
        _print(console, renderables)
        return
    with console.capture() as captured:
        _print(console, renderables)
    lines = captured.get().splitlines()
    sys.stdout.write("\n".join(line.rstrip() for line in lines) + "\n")


def _print(console: Console, renderables: Iterable[RenderableType]) -> None:
    for one in renderables:
        # What is to be copied from the screen is not broken into lines.
        is_whole = isinstance(one, Text) and bool(one.no_wrap)
        console.print(one, soft_wrap=is_whole)


def print_json(value: object) -> None:
    """Write *value* as JSON, indented, to stdout; control codes in texts as JSON escapes them."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(escape_controls(text.decode()) + "\n")


def escape_controls(json: str) -> str:
    """Return JSON without the control codes that it may hold as they are: DEL and C1."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def complain(message: str, hint: str | None = None, *, word: str = "error") -> None:
    """Write what went wrong and what to do about it to stderr, without secrets."""
    console = err()
    styles = {"error": "bold red", "warning": "bold yellow", "hint": "bold cyan"}
    console.print(
        Text.assemble((f"{word}:", styles[word]), " ", scrub(message)), soft_wrap=True
    )
    if hint:
        console.print(
            Text.assemble(("hint:", styles["hint"]), " ", scrub(hint)), soft_wrap=True
        )


def note(text: str) -> None:
    """Write a remark to stderr."""
    err().print(Text(scrub(text)), soft_wrap=True)


def ask(question: str) -> bool:
    """
    Ask a person on stderr; return whether they say yes.

    Raises:
        UsageError: Nobody is there.
    """
    if not sys.stdin.isatty():
        raise UsageError(
            f"{question} Nobody is here to say yes.", hint="Say so with --yes."
        )
    err().print(Text(f"{question} [y/N] "), end="", soft_wrap=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def note_unread(remarks: Sequence[str], most: int) -> None:
    """Write what of a file could not be read to stderr: the first remarks, and how many more there are."""
    for remark in remarks[:most]:
        note(f"not read: {remark}")
    if len(remarks) > most:
        note(f"not read: {len(remarks) - most:,} more")


def make_table(*columns: str | tuple[str, dict[str, Any]], title: str = "") -> Table:
    """
    Return an empty table.

    Args:
        columns: Headings; with options of a Rich column where they are needed. A
            heading that ends in `>` is of a column of numbers.
        title: Above it, on the left.
    """
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        show_edge=False,
    )
    for column in columns:
        name, options = (column, {}) if isinstance(column, str) else column
        if name.endswith(">"):
            options = {"justify": "right", "no_wrap": True, **options}
            options.setdefault("min_width", len(name) - 1)
        table.add_column(name.rstrip(">"), **options)
    return table


def cut(text: str) -> Text:
    """Return the text of a cell that takes one line: what does not fit is cut, and says so."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def make_sheet(rows: Iterable[tuple[str, str | Text]]) -> Table:
    """Return *rows* as names on the left and what is known of them on the right."""
    sheet = Table.grid(padding=(0, 2, 0, 0))
    sheet.add_column(no_wrap=True, style="bold")
    sheet.add_column(overflow="fold")
    for name, told in rows:
        sheet.add_row(name, told)
    return sheet
