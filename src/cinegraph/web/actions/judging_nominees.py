"""Nominees: say which film or person is meant, that it is none, or that it stays as it is; and let it be found anew."""

import msgspec

from cinegraph.festivals.correcting import Decided
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class NomineeArguments(msgspec.Struct, frozen=True):
    """Which film or nominee of a nomination."""

    reference: str
    """`123f1` is the first film of nomination 123, `123p2` its second nominee."""


class LinkArguments(msgspec.Struct, frozen=True):
    """Which film or nominee it is, and who or what is meant."""

    reference: str
    """`123f1` is the first film of nomination 123, `123p2` its second nominee."""
    thing: int | str
    """A film by TMDB's id, IMDb's (tt…) or ours (#n); a person by TMDB's id or IMDb's (nm…)."""


async def _link(request: ActionRequest, given: LinkArguments) -> Outcome:
    decided = await request.c.link_nominated(given.reference, given.thing)
    return _told(
        decided,
        f"is {_linked_to(decided)} now, and stays so; to undo it unlock {decided.reference}.",
    )


async def _unlink(request: ActionRequest, given: NomineeArguments) -> Outcome:
    decided = await request.c.unlink_nominated(given.reference)
    return _told(
        decided,
        f"is nobody or nothing that is known, and stays so; to undo it unlock {decided.reference}.",
    )


async def _lock(request: ActionRequest, given: NomineeArguments) -> Outcome:
    decided = await request.c.lock_nominated(given.reference)
    return _told(
        decided,
        f"stays as it is: {_linked_to(decided)}; to undo it unlock {decided.reference}.",
    )


async def _unlock(request: ActionRequest, given: NomineeArguments) -> Outcome:
    decided = await request.c.lock_nominated(given.reference, is_locked=False)
    return _told(decided, "is found anew, as sources and credits have it.")


def _linked_to(decided: Decided) -> str:
    if decided.tmdb_id is None:
        return "not linked"
    return f"{decided.linked}, TMDb {decided.tmdb_id}"


def _told(decided: Decided, what: str) -> Outcome:
    return Outcome(
        message=f"{decided.reference} ({decided.name}) {what}",
        result=msgspec.to_builtins(decided),
    )


ACTIONS = (
    Action(
        key="nominee.link",
        path="/nominees/link",
        title="Accept",
        help="This film or person is meant; no import changes it again until it is unlocked.",
        arguments=LinkArguments,
        do=_link,
    ),
    Action(
        key="nominee.unlink",
        path="/nominees/unlink",
        title="Nobody known",
        help="It is no film or person that is known; no import links it again until it is unlocked.",
        arguments=NomineeArguments,
        do=_unlink,
    ),
    Action(
        key="nominee.lock",
        path="/nominees/lock",
        title="Lock",
        help="It stays as it is, whatever is imported, until it is unlocked.",
        arguments=NomineeArguments,
        do=_lock,
    ),
    Action(
        key="nominee.unlock",
        path="/nominees/unlock",
        title="Unlock",
        help="Undoes accepting, unlinking and locking: it is found anew.",
        arguments=NomineeArguments,
        do=_unlock,
    ),
)
