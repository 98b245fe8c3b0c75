"""
Why a film is asked for: data with reasons, the first that holds is told; `take_due.sql` decides as they say.

Each job carries its reason, `cinegraph movie --trace` shows it, `cinegraph update plan` reckons what each asks of the
budget. To add one, add a `Strategy`, its case in `take_due.sql`, and its demand in `demand`.
"""

from datetime import timedelta

import msgspec

from cinegraph.sync import looks, policy
from cinegraph.sync.changes import REASON as CHANGED_UPSTREAM


class Strategy(msgspec.Struct, frozen=True):
    """One reason for which films are asked for."""

    name: str
    told: str
    """As the reason of a ledger's entry and of a job; where a list or a run wants a film, it tells its own."""
    why: str


UNCHECKED_AFTER = timedelta(days=30)
"""Since the last look of any kind: films whose votes hardly move are told apart from this on."""

NEVER_FETCHED = Strategy(
    "never_fetched",
    "never fetched",
    "what is not there at all is worth more than what is a little old",
)
CHANGED = Strategy(
    "changed",
    CHANGED_UPSTREAM,
    "TMDB's feed says so: popular and recent films at once, others after their day",
)
TERMS = Strategy(
    "terms",
    f"kept for at most 180 days: fetched whole before its {looks.WHOLE_AFTER.days}th",
    "TMDB's terms; a query proves it (the self-audit, `unrefreshed`)",
)
POPULAR = Strategy(
    "popular",
    "popular: looked at every update_interval_days",
    "the 2,000 films that people look up all the time; their votes are not in the feed, most stand in lists",
)
RECENT = Strategy(
    "recent",
    "released in the last 6 months",
    "revenue, ratings and status move; weekly at the seldomest",
)
VOTES = Strategy(
    "votes",
    "its votes are likely to have moved",
    "by its own rate of change, as the budget of ratings_interval_days allows",
)
UNCHECKED = Strategy(
    "unchecked",
    "its votes were not looked at for 30 days",
    "films whose votes hardly move, looked at seldom all the same",
)
UNPROVEN = Strategy(
    "unproven",
    "not covered by the changes feed, and not fetched lately",
    "not checked for 30 days, or for 6 where the budget allows it; what the feed covers counts as checked (`sweeping`)",
)

STRATEGIES = (
    NEVER_FETCHED,
    CHANGED,
    UNPROVEN,
    TERMS,
    POPULAR,
    RECENT,
    VOTES,
    UNCHECKED,
)


def parameters() -> dict[str, object]:
    """Return what `take_due.sql` tells by, and from when on."""
    return {
        "told_terms": TERMS.told,
        "told_popular": POPULAR.told,
        "told_recent": RECENT.told,
        "told_votes": VOTES.told,
        "told_unchecked": UNCHECKED.told,
        "whole_before": looks.WHOLE_AFTER - looks.WHOLE_SPREAD,
        "unchecked_after": UNCHECKED_AFTER,
        "young": policy.YOUNG,
        "popular_from": policy.POPULAR,
    }
