"""Whether work gets done, decided from what the nodes say; pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from cinegraph.jobs.browse import NodeRow

LISTENER_SECONDS: Final = 15.0
"""A listener that hears nothing for four seconds is made anew; one that is deaf for longer cannot be."""
ACK_SECONDS: Final = 30.0
"""Ends of jobs are written within milliseconds, and what was lost is found by the next heartbeats."""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What `/readyz` says, to anybody: nothing of the catalogue, and no names."""

    status: str
    """`ok`, or `not ready`."""
    missing: list[str] = []
    """What is wrong, for a person; empty: nothing is."""
    database: str = "ok"
    """`ok`, or the name of the error."""
    workers: str = "ok"
    """`ok`, `troubled`, `unknown`; `none` where no worker node lives: what is stored is shown, nothing is fetched."""
    nodes: int = 0
    """Worker nodes that live."""
    leader_seconds: float | None = None
    """Since the leader's last heartbeat; null: no node leads."""
    listener_seconds: float | None = None
    """Since the deafest live node heard its own echo through the database."""
    unacknowledged: int = 0
    """Jobs that have ended and count as running."""
    ack_seconds: float | None = None
    """Since the oldest of them was started."""


def judge(
    nodes: Sequence[NodeRow],
    unacknowledged: tuple[int, float | None],
) -> Readiness:
    """
    Return whether all is well.

    Args:
        nodes: A row for each queue of each node.
        unacknowledged: How many jobs have ended and count as running, and since how many seconds the oldest does.
    """
    live = [node for node in nodes if node.is_live]
    if not live:
        # The dashboard is of use without workers: it shows what is stored, and starts what they will do.
        return Readiness(status="ok", workers="none")
    leaders = [node for node in live if node.is_leader]
    heard = [
        float(node.meta["listener_silent_seconds"])
        for node in live
        if "listener_silent_seconds" in node.meta
    ]
    jobs, ack_seconds = unacknowledged
    missing = [
        text
        for is_wrong, text in (
            (not leaders, "no worker node leads: nothing is scheduled or fed"),
            (
                max(heard, default=0.0) > LISTENER_SECONDS,
                "a worker node does not hear its own echo: news of jobs reach it late",
            ),
            (jobs > 0, f"the ends of {jobs} jobs are not written down"),
        )
        if is_wrong
    ]
    return Readiness(
        status="not ready" if missing else "ok",
        missing=missing,
        workers="troubled" if missing else "ok",
        nodes=len({node.node for node in live}),
        leader_seconds=round(leaders[0].silent_seconds, 1) if leaders else None,
        listener_seconds=max(heard, default=None),
        unacknowledged=jobs,
        ack_seconds=ack_seconds if jobs else None,
    )
