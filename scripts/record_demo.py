"""
Record a run of `cinegraph demo` on a terminal of 80 columns as docs/images/demo.svg.

    python scripts/record_demo.py [--pages N]

The demo runs for real on a pseudo-terminal; what is drawn is the screen as it was left, with its colours.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

_COLUMNS, _ROWS = 80, 60
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "demo.svg"


def main() -> int:
    """Run the demo, show it here too, and write the picture."""
    command = [sys.executable, "-m", "cinegraph", "demo", *sys.argv[1:]]
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(_COLUMNS))
        os.environ.pop("NO_COLOR", None)
        os.execv(command[0], command)  # noqa: S606 - our own interpreter
    fcntl.ioctl(
        terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0)
    )
    told = _read(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        _draw(told)
        print(f"wrote {_TARGET}")
    return code


def _read(terminal: int) -> str:
    told = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        os.write(sys.stdout.fileno(), chunk)
        told += chunk
    return told.decode(errors="replace")


def _draw(told: str) -> None:
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no real file
        console = Console(
            record=True, width=_COLUMNS, file=nowhere, force_terminal=True
        )
        console.print(Text("$ cinegraph demo", style="bold"))
        for line in _screen(told):
            console.print(Text.from_ansi(line), soft_wrap=True)
        _TARGET.parent.mkdir(parents=True, exist_ok=True)
        picture = console.export_svg(title="cinegraph demo")
    # No font from elsewhere: whoever looks at the picture asks nobody else.
    _TARGET.write_text(_FONTS.sub("", picture), encoding="utf-8")


def _screen(told: str) -> list[str]:
    """Return the lines that stayed: what a live picture drew over itself is gone."""
    lines = [""]
    row = 0
    for part in _parts(told):
        if part == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        elif part == "\r":
            continue
        elif part.startswith("\x1b[") and part.endswith("A"):
            row = max(row - int(part[2:-1] or 1), 0)
        elif part == "\x1b[2K":
            lines[row] = ""
        elif part.startswith("\x1b[") and not part.endswith("m"):
            continue
        else:
            lines[row] += part
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _parts(told: str) -> list[str]:
    return re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\n|\r|[^\x1b\n\r]+", told)


if __name__ == "__main__":
    sys.exit(main())
