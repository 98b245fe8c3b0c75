"""`settings.md`: what can be set, from the settings classes and the lines under their fields."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import cinegraph
from cinegraph.settings import CONFIG_FILE, Settings
from reference.writing import document, field_lines, paragraphs, table


def page() -> str:
    """Return the page."""
    return document(
        "Settings",
        f"From the environment, or from `{CONFIG_FILE}` with the names in small letters; a command's flag wins over"
        " both, the environment over the file. `cinegraph config show` prints what holds and where it is from.",
        table(
            ["Environment", f"In `{CONFIG_FILE}`", "Default", "Meaning"],
            list(_from_environment()),
        ),
        "## Set in code",
        "What the packages below can be given by whoever builds on them; there is no variable for these.",
        *(_section(owner) for owner in _list_classes()),
    )


def _from_environment() -> Iterator[list[str]]:
    lines = field_lines(Settings)
    for name, field in Settings.model_fields.items():
        yield [
            f"`{field.alias or name.upper()}`",
            f"`{name}`",
            _default(field),
            lines[name],
        ]


def _section(owner: type[BaseModel]) -> str:
    lines = field_lines(owner)
    rows = [
        [f"`{name}`", _default(field), lines.get(name, "")]
        for name, field in owner.model_fields.items()
    ]
    return "\n\n".join(
        [
            f"### {owner.__name__} (`{owner.__module__}`)",
            paragraphs(owner),
            table(["Field", "Default", "Meaning"], rows),
        ]
    )


def _list_classes() -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    for module in pkgutil.walk_packages(cinegraph.__path__, "cinegraph."):
        if module.name.endswith(".settings") and module.name != Settings.__module__:
            members = vars(importlib.import_module(module.name)).values()
            found += [each for each in members if _is_settings_of(each, module.name)]
    return found


def _is_settings_of(thing: object, module: str) -> bool:
    return (
        isinstance(thing, type)
        and issubclass(thing, BaseModel)
        and thing.__module__ == module
        and not getattr(thing, "__abstractmethods__", None)
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        # What a factory makes depends on the machine, and a page must not.
        return (
            "computed"
            if _is_of_this_machine(field)
            else f"`{_plain(field.get_default(call_default_factory=True))}`"
        )
    return "unset" if field.default is None else f"`{_plain(field.default)}`"


def _is_of_this_machine(field: FieldInfo) -> bool:
    return isinstance(
        field.get_default(call_default_factory=True, validated_data={}), Path
    )


def _plain(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return str(value)
