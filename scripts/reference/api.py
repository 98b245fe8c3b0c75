"""`api.md`: every endpoint and action of `/api/v1`, and what stands beside it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from cinegraph.web.actions import ACTIONS
from cinegraph.web.actions.action import Action
from cinegraph.web.machine.endpoint import PREFIX, Endpoint, names_in, plain_path
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.machine.openapi import describe
from reference.writing import document, field_lines, table

_ACTING = """\
For operators: `POST` with a JSON object, or nothing where there are no fields. The answer has `message` (one sentence),
`things` (how many it concerned; 0: there was nothing to do) and `result`. All of it is in the audit log under the key.
"""
_READY = """\
200: the database answers within two seconds, and where worker nodes live, one leads, each hears its own echo, and the
ends of jobs are written down; else 503 with `missing`. Without any worker node it is ready to be read, and says
`"workers": "none"`.
"""


def page() -> str:
    """Return the page."""
    paths = describe()["paths"]
    return document(
        "API",
        "Served by `cinegraph web`, described for programs at `/api/v1/openapi.json` (OpenAPI 3.1) and for people at"
        " `/api`. How to use it, with examples: [the guide](../guides/api.md).",
        "## Reading",
        'Lists are `{"items": […], "next": …}`; `next` is given as `after` for the next page, and null on the last.',
        *(part for tag in _tags() for part in _section(tag, paths)),
        "## Acting",
        _ACTING,
        table(
            ["Request", "Key", "What it does", "Fields"],
            [_action(action) for action in ACTIONS],
        ),
        "## Beside it",
        table(
            ["Request", "Who", "What it says"],
            [
                [
                    "`GET /healthz`",
                    "everybody",
                    "This process answers; nothing else is asked.",
                ],
                [
                    "`GET /readyz`",
                    "everybody",
                    _READY,
                ],
                [
                    "`GET /metrics`",
                    "viewers",
                    "[Every metric](metrics.md), for Prometheus.",
                ],
                [
                    "`POST /hooks/movies`",
                    "who knows `CINEGRAPH_HOOK_SECRET`",
                    "Signed news of films, which are fetched at once: [how to sign](../guides/api.md#tell-cinegraph).",
                ],
            ],
        ),
        "## Errors",
        "Problem details (RFC 9457) as `application/problem+json`: `title`, `status`, `detail`, `hint` (what to do) and"
        " `code`, which is [that of the error](errors.md).",
        table(
            ["Status", "When"],
            [
                ["400", "A parameter or field is unknown or cannot be"],
                ["401", "No token, or a wrong one; of a hook: no right signature"],
                ["403", "The token is a viewer's, or another site sent it"],
                ["404", "There is no such thing"],
                ["405", "The address has no such method; `Allow` names those it has"],
                ["409", "A setting is missing; of a hook: it was delivered already"],
                ["410", "Changes are asked for that are not kept any more"],
                ["413", "The body of a hook is longer than 64 KiB"],
                ["421", "The name in the address is none of `CINEGRAPH_WEB_NAMES`"],
                ["429", "Too many requests of one address"],
                ["502", "An upstream did not answer"],
                ["503", "The database does not answer, or too late"],
            ],
        ),
    )


def _tags() -> list[str]:
    return list(dict.fromkeys(endpoint.tag for endpoint in ENDPOINTS))


def _section(tag: str, paths: dict[str, Any]) -> Iterator[str]:
    yield f"### {tag}"
    for endpoint in ENDPOINTS:
        if endpoint.tag == tag:
            yield from _endpoint(endpoint, paths)


def _endpoint(endpoint: Endpoint, paths: dict[str, Any]) -> Iterator[str]:
    path = PREFIX + plain_path(endpoint.path)
    yield f"#### `GET {path}`"
    yield f"{endpoint.summary}. Example: `{PREFIX}{endpoint.example}`."
    parameters = paths[path]["get"]["parameters"]
    if parameters:
        yield table(
            ["Parameter", "Is", "Meaning"],
            [
                [f"`{each['name']}`", _kind(each), each.get("description", "")]
                for each in parameters
            ],
        )


def _kind(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    told = [schema.get("type", "one of its words")]
    if "minimum" in schema and schema.get("maximum", 0) < 2**31 - 1:
        told.append(f"{schema['minimum']} to {schema['maximum']}")
    if parameter["required"]:
        told.append("required")
    elif schema.get("default") not in (None, []):
        told.append(f"by default {msgspec.json.encode(schema['default']).decode()}")
    return ", ".join(told)


def _action(action: Action) -> list[str]:
    lines = field_lines(action.arguments)
    named = names_in(action.path)
    fields = [
        f"`{field.encode_name}`"
        + ("" if field.required else " (optional)")
        + (f": {lines[field.name]}" if field.name in lines else "")
        for field in msgspec.structs.fields(action.arguments)
        if field.name not in named
    ]
    return [
        f"`POST {PREFIX}{plain_path(action.path)}`",
        f"`{action.key}`",
        f"{action.title}: {action.help}",
        " ".join(fields),
    ]
