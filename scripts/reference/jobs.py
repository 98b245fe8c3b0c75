"""`jobs.md`: every worker, with its docstring as the operator's help."""

import importlib
import pkgutil
from typing import Any

import msgspec

from cinegraph import jobs
from cinegraph.jobs.worker import Worker, list_workers
from cinegraph.sync.strategies import STRATEGIES
from reference.writing import document, field_lines, paragraphs, table


def page() -> str:
    """Return the page."""
    import_workers()
    return document(
        "Jobs",
        "A job names its worker by import path and carries arguments that were checked when it was made.",
        *(
            _section(worker)
            for worker in list_workers()
            if worker.name.startswith("cinegraph.")
        ),
        _reasons(),
    )


def import_workers() -> None:
    """Import every module of `cinegraph.jobs`, so that the registry is whole."""
    for module in pkgutil.iter_modules(jobs.__path__, f"{jobs.__name__}."):
        importlib.import_module(module.name)


def _reasons() -> str:
    rows = [[f"`{one.name}`", one.told, one.why] for one in STRATEGIES]
    return "\n\n".join(
        [
            "## Why a film is asked for",
            "The first that holds is told as the reason of its job; a list or a run that wants a film tells its own.",
            table(["Strategy", "Told as", "Why"], rows),
        ]
    )


def _section(worker: type[Worker[Any]]) -> str:
    facts = [
        ["Stored name", f"`{worker.name}`"],
        ["Queue", f"`{worker.queue}`"],
        ["Attempts", str(worker.max_attempts)],
        ["Priority", f"{worker.priority} (0 is first, 9 last)"],
        ["Longest run", f"{worker.timeout.total_seconds():g} s"],
    ]
    return "\n\n".join(
        [
            f"## {worker.__name__}",
            paragraphs(worker),
            table(["", ""], facts),
            table(
                ["Argument", "Type", "Default", "Meaning"], _arguments(worker.args_type)
            ),
        ]
    )


def _arguments(args: type[msgspec.Struct]) -> list[list[str]]:
    lines = field_lines(args)
    schema = msgspec.json.schema(args)
    stated = schema["$defs"][args.__name__]["properties"]
    return [
        [
            f"`{field.name}`",
            _type(stated[field.name]),
            _default(field),
            lines.get(field.name, ""),
        ]
        for field in msgspec.structs.fields(args)
    ]


def _type(schema: dict[str, Any]) -> str:
    if options := schema.get("anyOf"):
        return " or ".join(_type(option) for option in options)
    if allowed := schema.get("enum"):
        return ", ".join(f"`{value}`" for value in allowed)
    bounds = " to ".join(
        str(schema[end]) for end in ("minimum", "maximum") if end in schema
    )
    return f"{schema.get('type', 'any')} {bounds}".strip()


def _default(field: msgspec.structs.FieldInfo) -> str:
    return "required" if field.required else f"`{field.default!r}`"
