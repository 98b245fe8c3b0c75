"""What is asked of the imitation itself, below `/_sandbox/`: reports, faults, its clock."""

from datetime import date
from typing import Any, Protocol

import msgspec
from aiohttp import web

from cinegraph.clock import ClockSetting
from cinegraph.errors import UsageError
from cinegraph.sandbox.days import read_clock

PREFIX = "/_sandbox/"
_KNOWN = "there are report (GET), clock (GET, POST), faults, exports and reset (POST)"


class Controlled(Protocol):
    """What can be asked and changed while it serves."""

    def report(self) -> dict[str, Any]:
        """Tell what was served."""

    def reset(self) -> None:
        """Forget what was served."""

    def change_faults(
        self, shares: dict[str, float], *, until_seconds: float | None = None
    ) -> None:
        """Meet other faults from now on."""

    def change_export_fault(self, name: str | None, day: date | None = None) -> None:
        """Spoil the exports in another way from now on."""

    def set_clock(self, setting: ClockSetting) -> None:
        """Follow another clock from now on."""

    def clock_told(self) -> dict[str, Any]:
        """Tell the clock."""


class _Faults(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/faults`."""

    faults: dict[str, float]
    until_seconds: float | None = None


class _Exports(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/exports`."""

    fault: str | None
    day: date | None = None


def do(controlled: Controlled, name: str, told: bytes) -> dict[str, Any]:
    """
    Change what *name* says, as the JSON *told* wishes, and tell what is so now.

    Raises:
        UsageError: A wish that cannot be, or no such name.
    """
    if name not in _WISHES:
        raise UsageError(_KNOWN)
    try:
        return _WISHES[name](controlled, told)
    except msgspec.MsgspecError as error:
        raise UsageError(str(error)) from error


def _reset(controlled: Controlled, told: bytes) -> dict[str, Any]:
    del told
    controlled.reset()
    return {"reset": True}


def _change_faults(controlled: Controlled, told: bytes) -> dict[str, Any]:
    wish = msgspec.json.decode(told, type=_Faults)
    controlled.change_faults(wish.faults, until_seconds=wish.until_seconds)
    return {"faults": wish.faults}


def _change_exports(controlled: Controlled, told: bytes) -> dict[str, Any]:
    wish = msgspec.json.decode(told, type=_Exports)
    controlled.change_export_fault(wish.fault, wish.day)
    return {"fault": wish.fault, "day": wish.day and wish.day.isoformat()}


def _set_clock(controlled: Controlled, told: bytes) -> dict[str, Any]:
    controlled.set_clock(read_clock(told))
    return controlled.clock_told()


_WISHES = {
    "reset": _reset,
    "faults": _change_faults,
    "exports": _change_exports,
    "clock": _set_clock,
}


async def respond(
    controlled: Controlled, request: web.BaseRequest, name: str
) -> web.Response:
    """Answer a request; a wish that cannot be gets 400, an unknown name 404."""
    match request.method, name:
        case "GET", "report":
            return _json(200, controlled.report())
        case "GET", "clock":
            return _json(200, controlled.clock_told())
        case "POST", "reset" | "faults" | "exports" | "clock":
            try:
                return _json(200, do(controlled, name, await request.read()))
            except UsageError as error:
                return _json(400, {"error": str(error)})
    return _json(404, {"error": _KNOWN})


def _json(status: int, told: object) -> web.Response:
    """Answer with plain JSON."""
    return web.Response(
        status=status, body=msgspec.json.encode(told), content_type="application/json"
    )
