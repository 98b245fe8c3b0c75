"""The description of the API (OpenAPI 3.1), made from endpoints, actions and their types; nothing is written twice."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from cinegraph import __version__
from cinegraph.api.hooking import Delivered
from cinegraph.web.actions import ACTIONS
from cinegraph.web.actions.action import Action, Outcome
from cinegraph.web.arguments import is_many
from cinegraph.web.machine.describing import field_lines
from cinegraph.web.machine.endpoint import (
    PREFIX,
    Endpoint,
    names_in,
    plain_path,
)
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.machine.examples import classes_in, example_of
from cinegraph.web.machine.news import HEADER, MoviesNews
from cinegraph.web.problems import PROBLEM, Problem

_REFERENCE = "#/components/schemas/{name}"
_COMMON: dict[str, str] = {
    "400": "An argument cannot be; `detail` says which and `hint` what may be",
    "401": "No token was shown, or a wrong one",
    "404": "There is no such thing",
    "429": "Too many requests of one address",
    "503": "The database does not answer, or too late",
}
_OF_ACTIONS: dict[str, str] = {
    "403": "Only operators may, or another site sent it",
    "409": "A setting is missing, such as TMDB's key",
    "502": "An upstream did not answer",
}
_DESCRIPTION = """\
The same that the dashboard shows and `cinegraph … --json` writes. Lists come in pages: `items`, and `next`, which is
given as `after` for the next page. Errors are problem details (RFC 9457) with what to do. A parameter or field that is
not known is refused. Numbers that name things are integers of up to 64 bits.
"""


@cache
def encoded() -> bytes:
    """Return the description as JSON."""
    return msgspec.json.encode(describe())


def describe() -> dict[str, Any]:
    """Return the description."""
    schemas = _Schemas()
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        operation = _endpoint(endpoint, schemas)
        paths.setdefault(PREFIX + plain_path(endpoint.path), {})["get"] = operation
    for action in ACTIONS:
        operation = _action(action, schemas)
        paths.setdefault(PREFIX + plain_path(action.path), {})["post"] = operation
    paths["/hooks/movies"] = {"post": _hook(schemas)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cinegraph",
            "version": __version__,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [
            {"name": name}
            for name in dict.fromkeys(
                [*(each.tag for each in ENDPOINTS), "Actions", "Hooks"]
            )
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "CINEGRAPH_VIEWER_TOKEN reads, CINEGRAPH_OPERATOR_TOKEN also acts. Without tokens"
                    " the API only listens on this machine, and asks for none.",
                }
            },
        },
    }


class _Schemas:
    """The schemas of all types that the API speaks of."""

    def __init__(self) -> None:
        self._kinds: list[Any] = [
            *(endpoint.returns for endpoint in ENDPOINTS),
            *(field.type for owner in _arguments() for field in _fields(owner)),
            Outcome,
            Problem,
            MoviesNews,
            Delivered,
        ]
        made, self.components = msgspec.json.schema_components(
            self._kinds, ref_template=_REFERENCE
        )
        self._made = list(zip(self._kinds, made, strict=True))
        lines = {cls.__name__: cls for cls in classes_in(self._kinds)}
        for name, schema in self.components.items():
            _describe(schema, lines.get(name))

    def of(self, kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type
        """Return the schema of a type."""
        return next(schema for known, schema in self._made if known == kind)


def _describe(schema: dict[str, Any], cls: type | None) -> None:
    """Add what the lines under the fields of a class say."""
    if cls is None:
        return
    lines = field_lines(cls)
    for name, field in schema.get("properties", {}).items():
        if name in lines:
            field["description"] = lines[name]


def _arguments() -> Iterable[type[msgspec.Struct]]:
    yield from (endpoint.arguments for endpoint in ENDPOINTS)
    yield from (action.arguments for action in ACTIONS)


def _fields(owner: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(owner)


def _endpoint(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    content = {
        "schema": schemas.of(endpoint.returns),
        "example": example_of(endpoint.returns),
    }
    codes = _COMMON | ({"410": _GONE} if endpoint.path == "/changes" else {})
    return {
        "operationId": _operation("get", endpoint.path),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": _parameters(
            endpoint.path, endpoint.arguments, schemas, endpoint.example
        ),
        "responses": {
            "200": {
                "description": "The answer",
                "content": {"application/json": content},
            },
            **_problems(codes, schemas),
        },
    }


_GONE = "Changes after `since` are not kept any more: take a new snapshot"


def _action(action: Action, schemas: _Schemas) -> dict[str, Any]:
    told = {
        "operationId": _operation("post", action.path),
        "summary": action.title,
        "description": f"{action.help} Written to the audit log as `{action.key}`.",
        "tags": ["Actions"],
        "parameters": _parameters(action.path, action.arguments, schemas),
        "responses": {
            "200": {
                "description": "What it came to",
                "content": {
                    "application/json": {
                        "schema": schemas.of(Outcome),
                        "example": example_of(Outcome) | {"to": None, "result": {}},
                    }
                },
            },
            **_problems(_COMMON | _OF_ACTIONS, schemas),
        },
    }
    body = _body(action, schemas)
    return told | ({"requestBody": body} if body else {})


def _hook(schemas: _Schemas) -> dict[str, Any]:
    codes = {
        "400": "The body is no news of films",
        "401": "It is not signed, or not by us both, or at another time",
        "404": "Hooks are switched off",
        "409": "It was delivered already, or a setting is missing",
        "413": "It is too long",
        "429": "Too many requests of one address",
        "502": "TMDB did not answer",
        "503": "The database does not answer, or too late",
    }
    return {
        "operationId": "post_hooks_movies",
        "summary": "Say which films are new or have changed; they are fetched at once",
        "tags": ["Hooks"],
        "security": [],
        "parameters": [
            {
                "name": HEADER,
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": 't=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body", in hexadecimal>, with '
                "CINEGRAPH_HOOK_SECRET; good for five minutes, and once.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": schemas.of(MoviesNews),
                    "example": {"tmdb_ids": [238]},
                }
            },
        },
        "responses": {
            "202": {
                "description": "What it came to",
                "content": {
                    "application/json": {
                        "schema": schemas.of(Delivered),
                        "example": example_of(Delivered),
                    }
                },
            },
            **_problems(codes, schemas),
        },
    }


def _body(action: Action, schemas: _Schemas) -> dict[str, Any] | None:
    """Return what an action takes beside what its path names."""
    named = names_in(action.path)
    fields = [each for each in _fields(action.arguments) if each.name not in named]
    if not fields:
        return None
    lines = field_lines(action.arguments)
    required = [each.encode_name for each in fields if each.required]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            each.encode_name: _described(schemas.of(each.type), lines.get(each.name))
            for each in fields
        },
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    return {
        "required": bool(required),
        "content": {"application/json": {"schema": schema}},
    }


def _parameters(
    path: str, owner: type[msgspec.Struct], schemas: _Schemas, example: str = ""
) -> list[dict[str, Any]]:
    named = names_in(path)
    lines = field_lines(owner)
    given = _examples(path, example)
    parameters = []
    for field in _fields(owner):
        is_named = field.name in named
        if not is_named and not example:
            continue
        told: dict[str, Any] = {
            "name": field.encode_name,
            "in": "path" if is_named else "query",
            "required": is_named or field.required,
            "schema": _unless_null(schemas.of(field.type)),
        }
        if field.name in lines:
            told["description"] = lines[field.name]
        if not field.required and field.default not in (msgspec.NODEFAULT, None):
            told["schema"] = told["schema"] | {"default": field.default}
        if field.name in given:
            value = given[field.name]
            told["example"] = msgspec.to_builtins(
                msgspec.convert(
                    value if is_many(field.type) else value[-1],
                    field.type,
                    strict=False,
                )
            )
        parameters.append(told)
    return parameters


def _unless_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter: it is left out, never null."""
    kinds = schema.get("anyOf", [])
    kept = [kind for kind in kinds if kind != {"type": "null"}]
    return kept[0] if len(kept) == 1 else schema


def _examples(path: str, example: str) -> dict[str, list[str]]:
    """Return what an example's address gives for each parameter."""
    parts = urlsplit(example)
    found: dict[str, list[str]] = {}
    for piece, text in zip(
        plain_path(path).split("/"), parts.path.split("/"), strict=False
    ):
        if piece.startswith("{"):
            found[piece.strip("{}")] = [unquote(text)]
    for name, text in parse_qsl(parts.query):
        found.setdefault(name, []).append(text)
    return found


def _problems(codes: Mapping[str, str], schemas: _Schemas) -> dict[str, Any]:
    content = {PROBLEM: {"schema": schemas.of(Problem)}}
    return {
        code: {"description": meaning, "content": content}
        for code, meaning in sorted(codes.items())
    }


def _described(schema: dict[str, Any], line: str | None) -> dict[str, Any]:
    return schema if line is None else schema | {"description": line}


def _operation(method: str, path: str) -> str:
    words = plain_path(path).replace("{", "").replace("}", "").strip("/")
    return f"{method}_{words.replace('/', '_').replace('-', '_')}"
