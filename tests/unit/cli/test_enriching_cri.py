"""Backtests and comparisons of versions, as people read them."""

import io

import pytest
from rich.console import Console, RenderableType

from cinegraph.cli.enriching_cri import draw_backtest, draw_comparison
from cinegraph.enrichment.cri.backtest import Backtest, DecadeResult, Gain, Ranking
from cinegraph.enrichment.cri.comparing import Comparison, Mover
from cinegraph.enrichment.cri.sameness import Derived


def drawn(parts: list[RenderableType]) -> str:
    """Return what is seen at 80 columns."""
    file = io.StringIO()
    console = Console(file=file, width=80, no_color=True)
    for part in parts:
        console.print(part)
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    assert max(map(len, lines)) <= 80
    return "\n".join(lines)


@pytest.mark.parametrize("is_thin", [False, True])
def test_backtest(*, is_thin: bool) -> None:
    """What was held out, each ranking, decades, the verdict; the intervals where they say something."""
    gains = dict.fromkeys(
        ("auc", "precision", "average_precision"), Gain(0.1, 0.05, 0.2)
    )
    measures = {
        "precision": 0.5,
        "recall": (0.5, 0.75, 1.0, 1.0),
        "auc": 0.9,
        "average_precision": 0.6,
    }
    told = drawn(
        draw_backtest(
            Backtest(
                list_key="mine",
                list_name="Mine",
                version="1",
                members=1001,
                stored=158,
                films=7831,
                is_thin=is_thin,
                held_out=(Derived("oscars", "award", 0.9, "90% are common"),),
                depths=(158, 316, 790, 1001),
                auc=Gain(0.9, 0.8, 1.0),
                rankings=(
                    Ranking(name="score", kind="score", **measures),
                    Ranking(
                        name="rating, shrunken",
                        kind="baseline",
                        gains=gains,
                        **measures,
                    ),
                ),
                decades=(
                    DecadeResult(
                        decade=1970, members=9, films=99, auc=0.8, precision=0.3
                    ),
                    DecadeResult(
                        decade=None, members=1, films=1, auc=None, precision=1.0
                    ),
                ),
                resamples=1000,
                seed=1,
                verdict=("It is good.",),
            )
        )
    )

    assert "Mine held out: 158 of 1,001 members among 7,831 films" in told
    assert "held out with it: award oscars (90% are common)" in told
    assert "rating, shrunken  0.900    0.600  0.500  0.50  0.75  1.00   1.00" in told
    assert ("+0.050, +0.200" in told) is not is_thin
    assert ("resamples" in told) is not is_thin
    assert "unknown" in told
    assert told.endswith("It is good.")


def test_comparison() -> None:
    """How alike two versions are, and which films they part about."""
    mover = Mover(
        movie_id=1, tmdb_id=2, title="[b]A", year=1975, score_a=50, score_b=62.5
    )
    told = drawn(
        draw_comparison(
            Comparison(
                a="1",
                b="2",
                films=10,
                correlation=0.987,
                mean_a=30,
                mean_b=31,
                moved=2,
                movers=(mover,),
            )
        )
    )

    assert "0.987" in told
    assert "[b]A  1975  50.00  62.50  +12.50" in told
    empty = Comparison(
        a="1",
        b="2",
        films=0,
        correlation=None,
        mean_a=None,
        mean_b=None,
        moved=None,
        movers=(),
    )
    assert drawn(draw_comparison(empty)) == "No film was scored by both 1 and 2."
