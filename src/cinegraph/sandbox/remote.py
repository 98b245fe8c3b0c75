"""Speaking to a running sandbox in another process: is it one, and what time it lives in."""

import io

import aiohttp
import msgspec

from cinegraph.clock import ClockSetting
from cinegraph.sandbox import control

_PATIENCE = aiohttp.ClientTimeout(total=5.0)


class _Clock(msgspec.Struct):
    """What every sandbox tells of its clock, and nobody else."""

    epoch: str
    speed: float


async def is_sandbox(root: str) -> bool:
    """Whether what answers at *root*, such as `http://127.0.0.1:8765`, is a sandbox."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{root}{control.PREFIX}clock") as reply,
        ):
            msgspec.json.decode(await reply.read(), type=_Clock)
            return reply.ok
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError):
        return False


async def set_clock(root: str, setting: ClockSetting) -> None:
    """
    Let the sandbox at *root* live in *setting*.

    Raises:
        aiohttp.ClientError: It does not answer, or refuses.
    """
    told = {
        "epoch": setting.epoch.isoformat(),
        "offset_seconds": setting.offset.total_seconds(),
        "speed": setting.speed,
    }
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE) as session,
        session.post(f"{root}{control.PREFIX}clock", json=told) as reply,
    ):
        reply.raise_for_status()


async def change_award_fault(root: str, name: str | None) -> None:
    """
    Let the sandbox at *root* spoil its files of awards in that way; None: no longer.

    Raises:
        aiohttp.ClientError: It does not answer, or knows no such fault.
    """
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE) as session,
        session.post(f"{root}{control.PREFIX}awards", json={"fault": name}) as reply,
    ):
        reply.raise_for_status()


async def replace_award_file(root: str, name: str, body: bytes | None) -> None:
    """
    Let the sandbox at *root* serve *body* as the file of awards of that *name*; None: the first one again.

    Raises:
        aiohttp.ClientError: It does not answer, or can have no such file.
    """
    method = "DELETE" if body is None else "PUT"
    url = f"{root}{control.PREFIX}awards/{name}"
    data = None if body is None else io.BytesIO(body)
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE) as session,
        session.request(method, url, data=data) as reply,
    ):
        reply.raise_for_status()
