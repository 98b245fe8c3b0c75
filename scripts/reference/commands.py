"""`commands.md`: every command with its arguments and options, from the Typer application."""

from collections.abc import Iterator
from typing import Any

from cinegraph import cli
from reference.writing import document, table


def page() -> str:
    """Return the page."""
    return document(
        "Commands",
        "Exit codes: 0 done, 1 work failed, 2 wrong use or setting. `--json` prints data for machines.",
        *_sections(cli.root(), "cinegraph"),
    )


# Typer brings a Click of its own, whose classes are no interface: hence Any.
def _sections(command: Any, path: str) -> Iterator[str]:
    if not hasattr(command, "list_commands"):
        yield "\n\n".join(
            filter(None, [f"## {path}", _help(command), _parameters(command)])
        )
        return
    if path != "cinegraph":
        yield f"## {path}\n\n{_help(command)}"
    for name in command.list_commands(None):
        child = command.get_command(None, name)
        if child is not None and not child.hidden:
            yield from _sections(child, f"{path} {name}")


def _help(command: Any) -> str:
    return (command.help or "").split("\f")[0].strip()


def _parameters(command: Any) -> str:
    rows = [_row(each) for each in command.params if not getattr(each, "hidden", False)]
    return table(["Parameter", "Default", "Meaning"], rows) if rows else ""


def _row(parameter: Any) -> list[str]:
    return [
        _name(parameter),
        _default(parameter),
        getattr(parameter, "help", None) or "",
    ]


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        shown = parameter.metavar or parameter.name.upper()
        return f"`{shown}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    return ", ".join(f"`{name}`" for name in names)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    if value is None or value is False or callable(value):
        return ""
    return f"`{value}`"
