"""Opening a deployment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cinegraph import bootstrap
from cinegraph.api.alerting import Alerting
from cinegraph.api.auditing import Auditing
from cinegraph.api.awarding import Awarding
from cinegraph.api.burying import Burying
from cinegraph.api.changing import Changing
from cinegraph.api.correcting import Correcting
from cinegraph.api.costing import Costing
from cinegraph.api.enriching import Enriching
from cinegraph.api.hooking import Hooking
from cinegraph.api.importing import Importing
from cinegraph.api.keeping import Keeping
from cinegraph.api.listing import Listing
from cinegraph.api.matching import Matching
from cinegraph.api.operating import Operating
from cinegraph.api.reading import Reading
from cinegraph.api.recommending import Recommending
from cinegraph.api.relating import Relating
from cinegraph.api.running import Running
from cinegraph.api.scoring import Scoring
from cinegraph.api.showing import Showing
from cinegraph.api.steering import Steering
from cinegraph.api.updating import Updating
from cinegraph.settings import load

_READER_CONNECTIONS = 3
_REQUESTED_BY = {"demo": "demo", "web": "dashboard"}
"""By role, what runs that are started say of who asked."""


class Cinegraph(
    Costing,
    Correcting,
    Hooking,
    Importing,
    Running,
    Updating,
    Reading,
    Changing,
    Operating,
    Matching,
    Keeping,
    Burying,
    Awarding,
    Listing,
    Relating,
    Enriching,
    Scoring,
    Recommending,
    Showing,
    Auditing,
    Steering,
    Alerting,
):
    """An open connection to a deployment; made by `cinegraph.open()`."""


@asynccontextmanager
async def open(  # noqa: A001 - `cinegraph.open()` reads as what it does
    *,
    role: str = "python",
    disposable: bool = False,
    reads: bool = False,
    **settings: Any,
) -> AsyncIterator[Cinegraph]:
    """
    Open a deployment: its database (our own server when `DATABASE_URL` is unset) and its sources.

    Args:
        role: Shown in `pg_stat_activity`.
        disposable: Our own server loses its data when its last user leaves.
        reads: Only look: nothing is made or upgraded; few connections.
        settings: Override what file and environment say, by field name of `cinegraph.settings.Settings`.

    Raises:
        ConfigError: A setting is wrong.
        NotSetUpError: There is nothing to look at yet.
        DatabaseError: The database cannot be used; the hint says what to do.
    """
    loaded, _ = load(settings)
    async with bootstrap.open_app(
        loaded,
        role=role,
        disposable=disposable,
        reads=reads,
        connections=_READER_CONNECTIONS if reads else None,
    ) as app:
        yield Cinegraph(app, requested_by=_REQUESTED_BY.get(role, "command"))
