"""What a backtest measures, of invented columns."""

import numpy as np

from cinegraph.enrichment.cri import backtest


def test_the_interval_of_an_auc_stays_below_one() -> None:
    """Two members at the very top: resamples of the linear expansion go beyond 1."""
    films = np.arange(50, dtype=np.float64)
    members = films >= 48
    members[46] = members[48]
    members[48] = False
    columns = {f"{backtest.SCORE}:score": films}

    _, auc = backtest._rank(columns, members, (2,), resamples=500, seed=1)

    assert auc.low < auc.value < auc.high == 1.0
