"""What a backtest says of itself."""

import msgspec

from cinegraph.enrichment.cri.backtest import Backtest, Gain, Ranking
from cinegraph.enrichment.cri.verdict import FEW, judge


def ranking(name: str, kind: str, *gains: tuple[float, float, float]) -> Ranking:
    """Return a ranking against which the score has gains."""
    measures = ("auc", "precision", "average_precision")
    return Ranking(
        name=name,
        kind=kind,
        precision=0,
        recall=(),
        auc=0,
        average_precision=0,
        gains={
            measure: Gain(*gain) for measure, gain in zip(measures, gains, strict=False)
        },
    )


FOUND = Backtest(
    list_key="mine",
    list_name="Mine",
    version="1",
    members=100,
    stored=80,
    films=1000,
    held_out=(),
    depths=(80,),
    auc=Gain(0.9, 0.85, 0.95),
    rankings=(
        ranking("score", "score"),
        ranking("random", "baseline"),
        ranking("votes", "baseline", *[(0.2, 0.1, 0.3)] * 3),
        ranking(
            "listed", "feature", (0.2, 0.1, 0.3), (0, -0.1, 0.1), (-0.2, -0.3, -0.1)
        ),
    ),
    decades=(),
    resamples=1000,
    seed=1,
    verdict=(),
)


def told(**changes: object) -> str:
    """Return the verdict of a backtest that differs."""
    return "\n".join(judge(msgspec.structs.replace(FOUND, **changes)))


def test_better_alike_and_worse_are_told_apart() -> None:
    """By their intervals, each measure for itself."""
    found = told()
    assert "better than all baselines; the nearest is votes (+0.200" in found
    assert "By ROC AUC it is better than all single features" in found
    assert (
        "By average precision it is worse than these single features: listed" in found
    )
    assert "first films as members are stored it cannot be told apart" in found


def test_of_too_few_members_nothing_is_claimed() -> None:
    """Neither that it is better nor that it is not, whatever the intervals are."""
    assert "too thin" not in told()
    assert "too thin" not in told(stored=FEW)
    for auc in (FOUND.auc, Gain(0.6, 0.45, 0.75)):
        _, thin = told(stored=FEW - 1, auc=auc).split("\n")
        assert "too thin to tell" in thin


def test_no_better_than_chance_is_said() -> None:
    """Then nothing else is compared."""
    found = told(auc=Gain(0.6, 0.45, 0.75))
    assert "not find them better than chance" in found
    assert "baselines" not in found
