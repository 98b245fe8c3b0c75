"""`cinegraph doctor`: what is wrong, and what to do."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import bootstrap, settings
from cinegraph.cli import checks, console, session
from cinegraph.cli.checks import Finding, Level
from cinegraph.errors import ConfigError
from cinegraph.scrubbing import scrub

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
_LEVEL_WIDTH = 4
_CHECK_WIDTH = 9


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Look for what is wrong, and say what to do; exit 1 when something fails."""
    findings = session.run(_examine(json=json))
    if json:
        console.print_json(findings)
    if any(finding.level is Level.FAIL for finding in findings):
        raise typer.Exit(1)


async def _examine(*, json: bool) -> list[Finding]:
    findings: list[Finding] = []
    bootstrap.configure_logging("error")

    def tell(finding: Finding) -> None:
        findings.append(finding)
        if not json:
            console.show(_line(finding))

    try:
        loaded, _ = settings.load()
    except ConfigError as error:
        tell(Finding("settings", Level.FAIL, str(error), error.hint))
        return findings
    bootstrap.register_secrets(loaded)
    tell(Finding("settings", Level.OK, "can be read"))
    for remark in settings.unknown_variables():
        tell(Finding("settings", Level.WARN, remark, "Correct its name, or unset it."))
    async for finding in checks.examine(loaded):
        tell(finding)
    return findings


def _line(finding: Finding) -> Table:
    line = Table.grid(padding=(0, 2, 0, 0))
    for width in (_LEVEL_WIDTH, _CHECK_WIDTH):
        line.add_column(width=width, no_wrap=True)
    line.add_column(overflow="fold")
    told = Text(scrub(finding.found))
    if finding.todo and finding.level is not Level.OK:
        told.append(f"\n{scrub(finding.todo)}", style="dim")
    line.add_row(Text(finding.level, style=_STYLES[finding.level]), finding.check, told)
    return line
