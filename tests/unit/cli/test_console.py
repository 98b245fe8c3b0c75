"""What reaches a terminal: no control code of a text's own."""

import io
import json

import pytest
from rich.text import Text

from cinegraph.cli import console

_EVIL = "One\x1b[2J\x1b]0;mine\x07 \x9b31mTwo\x7f"
_TAME = "One[2J]0;mine 31mTwo"


class _Terminal(io.StringIO):
    """Says that a person looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("kind", [io.StringIO, _Terminal])
def test_control_codes_of_texts_are_left_out(kind: type[io.StringIO]) -> None:
    """Wherever they stand: in a cell, a heading, a sentence; the end of a line stays one."""
    stream = kind()
    target = console.make_console(stream)
    table = console.make_table("name", title=_EVIL)
    table.add_row(_EVIL)
    table.add_row(Text(_EVIL))

    for each in (table, console.make_sheet([(_EVIL, _EVIL)]), Text(_EVIL)):
        target.print(each)
    target.print(f"{_EVIL}\nThree", soft_wrap=True)

    told = stream.getvalue()
    assert "\x1b[2J" not in told
    assert not set("\x07\x7f\x9b").intersection(told)
    assert told.count(_TAME) == 7
    assert f"{_TAME}\nThree" in told


def test_a_terminal_still_has_its_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Rich sends is not a text's."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = _Terminal()
    console.make_console(stream).print(Text("red", style="red"))

    assert "\x1b[" in stream.getvalue()


def test_json_escapes_control_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """The value stays the same, and no terminal takes part of it for a code."""
    console.print_json({"name": _EVIL})

    told = capsys.readouterr().out
    assert json.loads(told) == {"name": _EVIL}
    assert not set("\x1b\x07\x7f\x9b").intersection(told)
