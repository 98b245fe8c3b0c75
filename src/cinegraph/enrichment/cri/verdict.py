"""What a backtest means, in sentences; pure. It says what the data can bear, and no more."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cinegraph.enrichment.cri.backtest import Backtest, Gain, Ranking

FEW: Final = 30
"""Members that are stored; of fewer every measure hangs on a handful of films, and so does its interval."""
_MEASURES: Final = (
    ("auc", "ROC AUC"),
    ("average_precision", "average precision"),
    ("precision", "precision of as many first films as members are stored"),
)


def judge(found: "Backtest") -> Iterator[str]:
    """Say what a backtest found."""
    yield (
        f"Of {found.members:,} members of {found.list_name}, {found.stored:,} are stored among {found.films:,} films"
        f" ({100 * found.stored / found.films:.1f} %)."
    )
    if found.stored < FEW:
        yield (
            f"That is too thin to tell: of fewer than {FEW} members a few films decide, so the numbers are shown"
            " without intervals, and nothing is claimed of them."
        )
        return
    if found.auc.low <= 0.5:  # noqa: PLR2004 - chance
        yield (
            f"The score does not find them better than chance: ROC AUC {found.auc.value:.3f},"
            f" in 95 of 100 resamples from {found.auc.low:.3f} to {found.auc.high:.3f}."
        )
        return
    yield (
        f"The score finds them better than chance: a member stands before another film in {100 * found.auc.value:.1f} %"
        f" of pairs (from {100 * found.auc.low:.1f} % to {100 * found.auc.high:.1f} %)."
    )
    baselines = [one for one in found.rankings if one.kind == "baseline" and one.gains]
    features = [one for one in found.rankings if one.kind == "feature"]
    yield from _compare(baselines, "baselines")
    yield from _compare(features, "single features")


def _compare(rankings: "Sequence[Ranking]", word: str) -> Iterator[str]:
    if not rankings:
        return
    for measure, told in _MEASURES:
        gains = [(one.name, one.gains[measure]) for one in rankings]
        worse = [_tell(name, gain) for name, gain in gains if gain.high < 0]
        unsure = [
            _tell(name, gain) for name, gain in gains if gain.low <= 0 <= gain.high
        ]
        if worse:
            yield f"By {told} it is worse than these {word}: {'; '.join(worse)}."
        if unsure:
            yield f"By {told} it cannot be told apart from these {word}: {'; '.join(unsure)}."
        if not worse and not unsure:
            name, least = min(gains, key=lambda pair: pair[1].value)
            yield f"By {told} it is better than all {word}; the nearest is {_tell(name, least)}."


def _tell(name: str, gain: "Gain") -> str:
    return f"{name} ({gain.value:+.3f}, from {gain.low:+.3f} to {gain.high:+.3f})"
