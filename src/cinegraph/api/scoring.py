"""
The cultural-relevance index: scores, why they are so, how well they find what others value.

What reckons with numpy is imported where it is called: it takes half a second of CPU to load, and every command imports
this.
"""

# ruff: noqa: PLC0415 - see above

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Final

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.references import parse_reference
from cinegraph.catalog import browse
from cinegraph.enrichment.cri import distribution

if TYPE_CHECKING:
    from cinegraph.enrichment.cri.backtest import Backtest
    from cinegraph.enrichment.cri.comparing import Comparison, Version
    from cinegraph.enrichment.cri.explaining import Explanation

_APART: Final = "cinegraph.enrichment.cri.apart"


class Scoring(Connection):
    """How much films matter."""

    async def explain_score(
        self, reference: str | int, *, measures: bool = True
    ) -> "Explanation | None":
        """
        Return a film's score term by term, or `None`: no such film is stored.

        Args:
            reference: A number is TMDB's id, tt… IMDb's, #n ours.
            measures: Whether what films are held against is measured where no pass has done so yet, which takes a
                second or more; else `None` is returned then, too.
        """
        from cinegraph.enrichment.cri import explaining

        kind, number = parse_reference(reference)
        async with self._app.pool.connection() as conn:
            found = await browse.find_movie(conn, kind, number)
            if found is None:
                return None
            return await explaining.explain_film(
                conn, found.id, now=clock.now(), measures=measures
            )

    async def get_score_distribution(self) -> distribution.Distribution:
        """Return how many films have which score: of a large catalogue from a sample, which takes a moment."""
        async with self._app.pool.connection() as conn:
            return await distribution.read_distribution(conn)

    async def backtest_score(self, list_key: str, *, apart: bool = False) -> "Backtest":
        """
        Hold out a list with all that is derived from it, and tell how well the score finds its films; writes nothing.

        Args:
            list_key: Such as `registry`.
            apart: In a process of its own, for who has other things to do meanwhile.

        Raises:
            UnknownListError: There is no such list.
            EmptyListError: None of its films is stored.
        """
        if apart:
            # Beside the event loop, which has others to serve.
            child = await asyncio.to_thread(import_module, _APART)
            found: Backtest = await child.backtest_apart(self.database_url, list_key)
            return found
        from cinegraph.enrichment.cri import backtest

        return await backtest.run_backtest(self._app.pool, list_key, now=clock.now())

    async def list_score_versions(self) -> "list[Version]":
        """Return the versions of the formula that scored films here, the newest first."""
        from cinegraph.enrichment.cri import comparing

        async with self._app.pool.connection() as conn:
            return await comparing.list_versions(conn)

    async def compare_score_versions(
        self, a: str, b: str, *, movers: int = 10
    ) -> "Comparison":
        """
        Return how alike two versions of the formula rank films, and which films they part about.

        Raises:
            UnknownVersionError: One of them never scored a film here.
        """
        from cinegraph.enrichment.cri import comparing

        async with self._app.pool.connection() as conn:
            return await comparing.compare_versions(conn, a, b, movers=movers)
