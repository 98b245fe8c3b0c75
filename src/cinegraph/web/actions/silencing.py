"""Alerts: silence, end a silence, test whether messages arrive."""

from typing import Annotated

import msgspec

from cinegraph import words
from cinegraph.web.actions.action import Action, ActionRequest, Nothing, Outcome


class SilenceArguments(msgspec.Struct, frozen=True):
    """Which alerts, and for how long."""

    kind: str
    """The name of a rule."""
    hours: Annotated[float, msgspec.Meta(gt=0, le=720)]
    """Of real time."""
    subject: str | None = None
    """What they are about; none: everything of the kind."""


class OneSilence(msgspec.Struct, frozen=True):
    """Which silence."""

    id: int
    """Its number."""


async def _silence(request: ActionRequest, given: SilenceArguments) -> Outcome:
    silence = await request.c.silence_alerts(
        given.kind,
        hours=given.hours,
        subject=given.subject,
        who=request.visitor.name,
    )
    about = f" ({silence.subject})" if silence.subject else ""
    return Outcome(
        message=f"{given.kind.replace('_', ' ')}{about} is silent until {words.moment(silence.until)}.",
        result={"silence_id": silence.id},
    )


async def _end(request: ActionRequest, given: OneSilence) -> Outcome:
    if await request.c.end_silence(given.id):
        return Outcome(message="The silence is over; what is open is told again.")
    return Outcome(message="That silence was over already.", things=0)


async def _test(request: ActionRequest, given: Nothing) -> Outcome:
    del given
    many = await request.c.send_test_message(who=request.visitor.name)
    told = words.count(many, "test message")
    return Outcome(
        message=f"{told} will be sent by the leading node within seconds; what came of it stands under Messages.",
        things=many,
    )


ACTIONS = (
    Action(
        key="alert.silence",
        path="/alerts/silence",
        title="Silence",
        help="They stay listed; no banner and no message tells of them until then.",
        arguments=SilenceArguments,
        do=_silence,
    ),
    Action(
        key="alert.unsilence",
        path="/alerts/silences/{id:int}/end",
        title="End",
        help="What is open is told again.",
        arguments=OneSilence,
        do=_end,
    ),
    Action(
        key="alert.test",
        path="/alerts/test",
        title="Send a test message",
        help="To every address of CINEGRAPH_ALERT_URLS, by the leading node.",
        arguments=Nothing,
        do=_test,
    ),
)
