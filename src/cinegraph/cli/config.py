"""`cinegraph config`: what is set, and where."""

import ast
import inspect
from functools import cache
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.table import Table
from rich.text import Text

from cinegraph import settings
from cinegraph.cli import console
from cinegraph.db import address
from cinegraph.errors import ConfigError
from cinegraph.settings import Origin, Settings

app = typer.Typer(
    help="Settings: what is set, and where.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.command("show")
def show(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show every setting: its value, who set it, what it means."""
    try:
        loaded, origins = settings.load()
    except ConfigError as error:
        # Who is told to look here has just been refused: they get the list all the same.
        if not json:
            defaults = Settings(home=settings.default_home())
            console.show(
                _table(
                    [
                        _row(defaults, name, Origin.DEFAULT)
                        for name in Settings.model_fields
                    ]
                )
            )
            console.note("these are the defaults: the settings cannot be read")
        raise error from None
    rows = [_row(loaded, name, origins[name]) for name in Settings.model_fields]
    if json:
        console.print_json(rows)
    else:
        console.show(_table(rows))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = console.make_table(
        "setting and meaning", ("value", {"overflow": "fold"}), "set by"
    )
    for row in rows:
        name = Text(row["name"], style="bold" if row["origin"] != "default" else "")
        name.append(f"\n  {row['meaning']}", style="dim")
        value = (
            Text("unset", style="dim")
            if row["value"] is None
            else Text(str(row["value"]))
        )
        table.add_row(name, value, row["origin"])
    return table


@app.command("check")
def check() -> None:
    """Say whether every setting can be used; exit 2 when one cannot."""
    loaded, _ = settings.load()
    _ = loaded.tmdb.credentials
    if loaded.database_url is not None:
        address.parse(loaded.database_url.get_secret_value())
    for remark in settings.unknown_variables():
        console.complain(remark, word="warning")
    console.show(Text("All settings can be used.", style="green"))


def _row(loaded: Settings, field: str, origin: Origin) -> dict[str, Any]:
    return {
        "name": settings.environment_name(field),
        "field": field,
        "value": _value(field, loaded.in_force(field)),
        "origin": str(origin),
        "meaning": meanings()[field],
    }


def _value(field: str, value: object) -> object:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return address.redacted(secret) if field == "database_url" else "***"
    return value if value is None or isinstance(value, int | float) else str(value)


@cache
def meanings() -> dict[str, str]:
    """Return what every setting means: the text below its field, read from the source."""
    (body,) = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - for the type checker
    found: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found
