"""What an action is, what it gets, and what it comes to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from cinegraph.api import Cinegraph
from cinegraph.web.security.access import Role, Visitor


class Nothing(msgspec.Struct, frozen=True):
    """No arguments."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an action came to."""

    message: str
    """One sentence for a person."""
    things: int = 1
    """How many jobs, films or others it concerned; 0: there was nothing to do."""
    to: str | None = None
    """Path of the page that shows what was made; None: the page one came from."""
    result: dict[str, Any] = {}
    """For machines, such as `run_id`."""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """Who does it, and with what."""

    c: Cinegraph
    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person may do."""

    key: str
    """Of the audit log: `run.pause`."""
    path: str
    """Below `/` and `/api/v1`; what stands in braces is an argument: `/runs/{run_id:int}/pause`."""
    title: str
    """Of its button, in the imperative."""
    help: str
    """What happens, and how it is undone."""
    arguments: type[msgspec.Struct]
    do: Callable[[ActionRequest, Any], Awaitable[Outcome]]
    """With the arguments as a struct; errors of `cinegraph.errors` are told to the person."""
    confirm: str | None = None
    """What a person is asked before; None: it is undone as easily as it is done."""
    role: Role = Role.OPERATOR
