"""
Which request meets which fault, and what the fault does to its answer.

Decided by the seed and the how-manieth request of a path this is, so that a run can be
repeated; `5xx` comes in bursts over all paths and goes by the how-manieth request in
all.
"""

import time
import zlib
from collections.abc import Callable, Iterable
from enum import StrEnum

from cinegraph.errors import UsageError
from cinegraph.sandbox.dice import unit

_BURST_REQUESTS = 10
"""So many requests in a row meet an outage: a quarter of a second at the usual pace."""
_DEFAULT_SHARE = 0.05


class Fault(StrEnum):
    """What can go wrong with an answer; equal to the names of `--fault`."""

    THROTTLED = "429"
    """429 with Retry-After (seconds, a date, or zero) and TMDB's JSON."""
    THROTTLED_BARE = "429-bare"
    """429 with neither."""
    OUTAGE = "5xx"
    """500, 502, 503 or 504, ten requests in a row."""
    SLOW = "slow"
    """The right answer, seconds late."""
    CUT = "cut"
    """The body ends early: the connection closes, or the JSON just stops."""
    HTML = "html"
    """A web page with status 200."""
    ENCODING = "encoding"
    """Bytes that are not what their headers say: not UTF-8, or not gzip."""
    EMPTY = "empty"
    """Status 200 and no body."""
    NOT_FOUND = "not-found"
    """
    A 404 that is not true; a path is lied to once, then answered truly before it can
    happen again.
    """


class OmdbFault(StrEnum):
    """What can go wrong with an answer of OMDb; equal to the names of `--fault`."""

    OUTAGE = "omdb-522"
    """Cloudflare's 522, 524 or 520, ten requests in a row; none counts for the quota."""
    JSON = "omdb-json"
    """
    A plot with a lone backslash or raw control characters: no JSON, whenever the title
    is asked for.
    """
    EMPTIED = "omdb-na"
    """The title with nothing but `N/A`, though OMDb knows more."""
    HTML = "omdb-html"
    """A web page with status 200."""
    CUT = "omdb-cut"
    """The body ends early: the connection closes, or the JSON just stops."""
    SLOW = "omdb-slow"
    """The right answer, seconds late."""


_BURSTS: frozenset[StrEnum] = frozenset({Fault.OUTAGE, OmdbFault.OUTAGE})
_LASTING: frozenset[StrEnum] = frozenset({OmdbFault.JSON})
"""Faults of what is told, not of the telling: a path that has one keeps it."""
_ALL = {"all": Fault, "omdb-all": OmdbFault}
_HINT = f"Faults are {', '.join([*Fault, 'all', *OmdbFault, 'omdb-all'])}."


def parse_faults(words: Iterable[str]) -> dict[str, float]:
    """
    Read `--fault` arguments: `name` or `name=share`; a later one wins.

    The name `all` is every fault of TMDB's, `omdb-all` every one of OMDb's.

    Raises:
        UsageError: An unknown name, a share that is none, or more than every answer
            spoilt.
    """
    shares: dict[str, float] = {}
    for word in words:
        name, _, text = word.partition("=")
        names = list(_ALL[name]) if name in _ALL else [name]
        shares |= {str(one): _parse_share(word, text) for one in names}
    return check_faults(shares)


def check_faults(shares: dict[str, float]) -> dict[str, float]:
    """Refuse shares that cannot be (UsageError); give them back otherwise."""
    for name, share in shares.items():
        if name not in {*Fault, *OmdbFault}:
            raise UsageError(f"there is no fault {name!r}", hint=_HINT)
        if not 0 <= share <= 1:
            raise UsageError(
                f"fault {name}: {share} is no share", hint="Give a number from 0 to 1."
            )
    for kinds in _ALL.values():
        if sum(shares.get(name, 0) for name in kinds) > 1 + 1e-9:
            raise UsageError(
                "the faults together are more than every answer",
                hint="The shares of all faults of an upstream may add up to 1.",
            )
    return shares


def _parse_share(word: str, text: str) -> float:
    """Read the share behind a name; none is one answer in twenty."""
    if not text:
        return _DEFAULT_SHARE
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            f"--fault {word}: {text!r} is no number",
            hint="Write a share as in --fault 5xx=0.05.",
        ) from None


class FaultPlan:
    """
    Decides for every request; remembers paths only while there are faults.

    Args:
        shares: Of any upstream's faults; those that are not of *kinds* are passed over.
        kinds: The faults of the upstream this plan is for.
        until_seconds: There are no faults any more that long after the last change.
    """

    def __init__(
        self,
        shares: dict[str, float],
        seed: int,
        *,
        kinds: type[StrEnum] = Fault,
        until_seconds: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seed = seed
        self._kinds = kinds
        self._now = now
        self._requests = 0
        self._asked: dict[int, int] = {}
        self._lied_to: set[int] = set()
        self.change(shares, until_seconds=until_seconds)

    def change(
        self, shares: dict[str, float], *, until_seconds: float | None = None
    ) -> None:
        """Go by other *shares* from now on."""
        checked = check_faults(dict(shares))
        known = set(self._kinds)
        self.shares = {
            self._kinds(name): share
            for name, share in checked.items()
            if name in known and share > 0
        }
        self._first = [
            *(fault for fault in self.shares if fault in _BURSTS),
            *(fault for fault in self.shares if fault in _LASTING),
        ]
        self._others = [fault for fault in self.shares if fault not in self._first]
        self._until = None if until_seconds is None else self._now() + until_seconds

    def forget(self) -> None:
        """Begin again as if no request had come."""
        self._requests = 0
        self._asked.clear()
        self._lied_to.clear()

    def choose(self, path: str, *, is_film: bool) -> tuple[StrEnum | None, float]:
        """Give the fault of this request, if any, and a number to vary it by."""
        if not self.shares or (self._until is not None and self._now() >= self._until):
            return None, 0.0
        key = zlib.crc32(path.encode()) | (zlib.adler32(path.encode()) << 32)
        count = self._asked.get(key, 0)
        self._asked[key] = count + 1
        variant = unit(self._seed, 31, key, count)
        fault = self._draw(key, count)
        if fault is Fault.NOT_FOUND and (not is_film or key in self._lied_to):
            fault = None
        self._remember_lies(key, fault)
        return fault, variant

    def _draw(self, key: int, count: int) -> StrEnum | None:
        """Draw the fault; an outage overrides what the path itself would have met."""
        burst = self._requests // _BURST_REQUESTS
        self._requests += 1
        rest = 1.0
        for fault in self._first:
            place = (32, burst) if fault in _BURSTS else (34, key)
            if unit(self._seed, *place) * rest < self.shares[fault]:
                return fault
            rest -= self.shares[fault]
        drawn = unit(self._seed, 33, key, count) * rest
        for fault in self._others:
            drawn -= self.shares[fault]
            if drawn < 0:
                return fault
        return None

    def _remember_lies(self, key: int, fault: StrEnum | None) -> None:
        """Keep who was told an untrue 404 until they were told the truth."""
        if fault is Fault.NOT_FOUND:
            self._lied_to.add(key)
        elif fault is None or fault is Fault.SLOW:
            self._lied_to.discard(key)
