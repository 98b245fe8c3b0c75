"""`ARCHITECTURE.md`: a preface by hand, then what each package says of itself, from the top rank to the bottom."""

import importlib
import pkgutil
import tomllib
from pathlib import Path

import cinegraph
from reference.writing import docstring, document

_ROOT = Path(__file__).resolve().parents[2]


def page() -> str:
    """Return the page."""
    preface = (_ROOT / "docs/architecture_preface.md").read_text(encoding="utf-8")
    return document("Architecture", preface, "## The packages", *_sections())


def _sections() -> list[str]:
    return [
        _section(f"cinegraph.{name}", heading="###")
        for rank in _ranks()
        for name in rank
        if _exists(name)
    ]


def _ranks() -> list[list[str]]:
    """Read the ranks where they are enforced."""
    with (_ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["id"] == "ranks")
    return [[name.strip(" ()") for name in layer.split("|")] for layer in layers]


def _exists(name: str) -> bool:
    return any(
        module.name == name for module in pkgutil.iter_modules(cinegraph.__path__)
    )


def _section(name: str, *, heading: str) -> str:
    module = importlib.import_module(name)
    parts = [f"{heading} {name}", docstring(module)]
    parts += [
        _section(f"{name}.{child.name}", heading=heading + "#")
        for child in pkgutil.iter_modules(getattr(module, "__path__", []))
        if child.ispkg
    ]
    return "\n\n".join(parts)
