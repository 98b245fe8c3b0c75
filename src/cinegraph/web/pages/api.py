"""What programs may ask, for people who write them."""

from functools import cache

from cinegraph.web.actions import ACTIONS
from cinegraph.web.machine.endpoint import PREFIX, names_in, plain_path
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.machine.openapi import describe
from cinegraph.web.pages.page import Context, PageRequest, page


@page("/api", name="api", title="API", seconds=None)
async def api(request: PageRequest) -> Context:
    """List endpoints and actions with examples."""
    del request
    return _listed()


@cache
def _listed() -> Context:
    paths = describe()["paths"]
    subjects: dict[str, list[object]] = {}
    for one in ENDPOINTS:
        operation = paths[PREFIX + plain_path(one.path)]["get"]
        subjects.setdefault(one.tag, []).append(
            {
                "path": PREFIX + plain_path(one.path),
                "summary": one.summary,
                "example": PREFIX + one.example,
                "parameters": operation["parameters"],
            }
        )
    actions = [
        {
            "path": PREFIX + plain_path(one.path),
            "title": one.title,
            "help": one.help,
            "fields": [
                field
                for field in one.arguments.__struct_fields__
                if field not in names_in(one.path)
            ],
        }
        for one in ACTIONS
    ]
    return {"prefix": PREFIX, "subjects": subjects, "api_actions": actions}
