"""What is asked of the imitation itself, below `/_sandbox/`: reports, faults, its clock."""

from datetime import date
from typing import Any, Protocol

import msgspec
from aiohttp import web

from cinegraph.clock import ClockSetting
from cinegraph.errors import UsageError
from cinegraph.sandbox.days import read_clock

PREFIX = "/_sandbox/"
_KNOWN = (
    "there are report (GET), clock (GET, POST), faults, exports, awards, award-file, lists and reset (POST),"
    " awards/<file> (PUT, DELETE)"
)
_AWARDS = "awards/"


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

    def change_award_fault(self, name: str | None) -> None:
        """Spoil the files of awards in another way from now on."""

    def change_list_fault(self, name: str | None) -> None:
        """Spoil the lists of users in another way from now on."""

    def replace_award_file(self, name: str, body: bytes | None) -> None:
        """Serve another file of awards from now on; None: the first one again."""

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


class _Awards(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/awards`."""

    fault: str | None


class _Lists(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/lists`."""

    fault: str | None


class _AwardFile(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/award-file`; bytes are base64."""

    name: str
    body: bytes | None


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


def _change_awards(controlled: Controlled, told: bytes) -> dict[str, Any]:
    wish = msgspec.json.decode(told, type=_Awards)
    controlled.change_award_fault(wish.fault)
    return {"fault": wish.fault}


def _change_lists(controlled: Controlled, told: bytes) -> dict[str, Any]:
    wish = msgspec.json.decode(told, type=_Lists)
    controlled.change_list_fault(wish.fault)
    return {"fault": wish.fault}


def _replace_award_file(controlled: Controlled, told: bytes) -> dict[str, Any]:
    wish = msgspec.json.decode(told, type=_AwardFile)
    controlled.replace_award_file(wish.name, wish.body)
    return {"name": wish.name, "bytes": None if wish.body is None else len(wish.body)}


def _set_clock(controlled: Controlled, told: bytes) -> dict[str, Any]:
    controlled.set_clock(read_clock(told))
    return controlled.clock_told()


_WISHES = {
    "reset": _reset,
    "faults": _change_faults,
    "exports": _change_exports,
    "awards": _change_awards,
    "award-file": _replace_award_file,
    "lists": _change_lists,
    "clock": _set_clock,
}


async def respond(
    controlled: Controlled, request: web.BaseRequest, name: str
) -> web.Response:
    """Answer a request; a wish that cannot be gets 400, an unknown name 404."""
    try:
        told = await _told(controlled, request, name)
    except UsageError as error:
        return _json(400, {"error": str(error)})
    return _json(404, {"error": _KNOWN}) if told is None else _json(200, told)


async def _told(
    controlled: Controlled, request: web.BaseRequest, name: str
) -> dict[str, Any] | None:
    """Do what is asked, and tell what is so now; None: there is no such name."""
    match request.method, name:
        case "GET", "report":
            return controlled.report()
        case "GET", "clock":
            return controlled.clock_told()
        case "POST", _ if name in _WISHES:
            return do(controlled, name, await _read(request))
        case "PUT" | "DELETE" as method, _ if name.startswith(_AWARDS):
            body = await _read(request) if method == "PUT" else None
            controlled.replace_award_file(name.removeprefix(_AWARDS), body)
            return {"replaced": body is not None}
    return None


async def _read(request: web.BaseRequest) -> bytes:
    """Read the body; `request.read` would refuse a table of more than a megabyte."""
    return await request.content.read()


def _json(status: int, told: object) -> web.Response:
    """Answer with plain JSON."""
    return web.Response(
        status=status, body=msgspec.json.encode(told), content_type="application/json"
    )
