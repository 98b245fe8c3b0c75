"""`cinegraph doctor`: what is wrong, and what to do."""

from typing import Annotated

import typer
from rich.text import Text

from cinegraph import bootstrap, settings
from cinegraph.cli import checks, console, session
from cinegraph.cli.checks import Finding, Level
from cinegraph.errors import ConfigError
from cinegraph.scrubbing import scrub

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


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
    async for finding in checks.examine(loaded):
        tell(finding)
    return findings


def _line(finding: Finding) -> Text:
    text = Text.assemble(
        (f"{finding.level:<4}", _STYLES[finding.level]),
        f"  {finding.check:<9} {scrub(finding.found)}",
    )
    if finding.todo and finding.level is not Level.OK:
        text.append(f"\n      {'':<9} {scrub(finding.todo)}", style="dim")
    return text
