"""An example of each answer, made from its type: it cannot be of another shape than the answer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import inspect

_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "imdb_id": "tt0068646",
        "title": "The Godfather",
        "original_title": "The Godfather",
        "name": "Francis Ford Coppola",
        "source": "tmdb",
        "queue": "imports",
        "worker": "cinegraph.jobs.imports.ImportMovie",
        "state": "completed",
        "kind": "movie",
        "action": "changed",
        "festival": "oscars",
        "key": "oscars",
        "category": "Best Picture",
        "category_name": "Best Picture",
        "severity": "warning",
        "requested_by": "dashboard",
        "next": "4711",
    }
)
"""By the name of the field."""
_NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        "tmdb_id": 238,
        "movie_id": 7,
        "year": 1972,
        "latest_year": 1972,
        "first_year": 1972,
        "founded_year": 1929,
        "runtime_minutes": 175,
    }
)
_DATE = "1972-03-24"
_MOMENT = "2026-11-28T12:00:00Z"
_DURATION = "PT90S"


def example_of(kind: Any) -> Any:  # noqa: ANN401 - any type of an answer
    """Return a value as its JSON says it."""
    return _make(inspect.type_info(kind), "")


def _make(kind: inspect.Type, name: str) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 - a line a kind of type
    match kind:
        case inspect.Metadata(type=inner):
            return _make(inner, name)
        case inspect.UnionType(types=types):
            known = [each for each in types if not isinstance(each, inspect.NoneType)]
            return _make(known[0], name)
        case inspect.StructType(fields=fields) | inspect.DataclassType(fields=fields):
            return {
                each.encode_name: _make(each.type, each.encode_name) for each in fields
            }
        case (
            inspect.ListType(item_type=item)
            | inspect.VarTupleType(item_type=item)
            | inspect.CollectionType(item_type=item)
        ):
            return [_make(item, name)]
        case inspect.TupleType(item_types=items):
            return [_make(item, name) for item in items]
        case inspect.DictType(value_type=value):
            is_any = isinstance(value, inspect.AnyType)
            return {} if is_any else {"available": _make(value, name)}
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.BoolType():
            return False
        case inspect.IntType():
            return _NUMBERS.get(name, 1)
        case inspect.FloatType():
            return 0.5
        case inspect.StrType():
            return _TEXTS.get(name, f"a {name}".replace("_", " ") if name else "text")
        case inspect.DateTimeType():
            return _MOMENT
        case inspect.DateType():
            return _DATE
        case inspect.TimeDeltaType():
            return _DURATION
        case inspect.NoneType():
            return None
    raise TypeError(f"no example can be made of {kind}")


def classes_in(kinds: Any) -> set[type]:  # noqa: ANN401 - types
    """Return every class of ours that *kinds* are made of."""
    found: set[type] = set()
    for kind in kinds:
        _collect(inspect.type_info(kind), found)
    return found


def _collect(kind: Any, found: set[type]) -> None:  # noqa: ANN401 - a type, or what it is made of
    if isinstance(kind, inspect.Type | inspect.Field):
        cls = getattr(kind, "cls", None)
        if isinstance(cls, type):
            if cls in found:
                return
            found.add(cls)
        for name in kind.__struct_fields__:
            _collect(getattr(kind, name), found)
    elif isinstance(kind, list | tuple):
        for each in kind:
            _collect(each, found)


def encode_example(kind: Any) -> str:  # noqa: ANN401 - any type of an answer
    """Return an example as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(example_of(kind))).decode()
