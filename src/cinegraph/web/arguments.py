"""What people and programs send, as structs."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
import msgspec.inspect

from cinegraph.errors import UsageError

_WHOLE = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)


def convert[T: msgspec.Struct](values: Mapping[str, Any], kind: type[T]) -> T:
    """Return texts as a struct of *kind* (UsageError)."""
    if any("\0" in text for text in _texts(values)):
        raise UsageError("a text has a NUL character", hint="Leave it out.")
    for name in _whole_numbers(kind):
        given = values.get(name)
        for text in given if isinstance(given, list) else [given]:
            # "1e3" and "1.0" would be taken, by way of a float that holds no large number exactly.
            if isinstance(text, str) and not _WHOLE.fullmatch(text.strip()):
                raise UsageError(
                    f"that cannot be: {name} is a whole number",
                    hint="Give digits alone.",
                )
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"that cannot be: {error}", hint="Change the address or the form."
        ) from None


@cache
def _whole_numbers(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Return the fields of a struct that are whole numbers, or lists of them."""
    found = msgspec.inspect.type_info(kind)
    assert isinstance(found, msgspec.inspect.StructType)  # noqa: S101 - it is one
    return frozenset(
        field.encode_name for field in found.fields if _is_whole(field.type)
    )


def _is_whole(kind: msgspec.inspect.Type) -> bool:
    match kind:
        case msgspec.inspect.IntType():
            return True
        case msgspec.inspect.UnionType(types=kinds):
            known = [
                each for each in kinds if not isinstance(each, msgspec.inspect.NoneType)
            ]
            return all(map(_is_whole, known))
        case msgspec.inspect.Metadata(type=inner):
            return _is_whole(inner)
        case msgspec.inspect.CollectionType(item_type=item):
            return _is_whole(item)
    return False


def _texts(value: object) -> Iterator[str]:
    """Give every text of what was sent, names and all."""
    match value:
        case str():
            yield value
        case Mapping():
            for name, inner in value.items():
                yield str(name)
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)


def is_many(kind: object) -> bool:
    """Return whether a field may be given several times."""
    return getattr(kind, "__origin__", None) in {list, tuple, frozenset}
