"""How much of a film is asked for: a look only where the feed proves that nothing else changed."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.sync.looks import PROVEN_LATELY, WHOLE_AFTER, Proof, is_look

NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)
PROOF = Proof(since=NOW - timedelta(days=200), until=NOW - timedelta(hours=12))
CHECKED = NOW - timedelta(days=20)


def test_a_proven_film_is_only_looked_at() -> None:
    """It was fetched since the feed is read without a gap, and the feed has not named it."""
    assert is_look(7, CHECKED, None, PROOF, NOW)


@pytest.mark.parametrize(
    ("checked_at", "changed_at", "proof"),
    [
        (None, None, PROOF),
        (CHECKED, NOW, PROOF),
        (CHECKED, None, None),
        (CHECKED, None, Proof(CHECKED + timedelta(seconds=1), PROOF.until)),
        (CHECKED, None, Proof(PROOF.since, NOW - PROVEN_LATELY - timedelta(hours=1))),
        (NOW - WHOLE_AFTER - timedelta(hours=1), None, PROOF),
    ],
    ids=["never fetched", "named", "no feed", "before the gap", "feed behind", "old"],
)
def test_anything_else_is_fetched_whole(
    checked_at: datetime | None, changed_at: datetime | None, proof: Proof | None
) -> None:
    """Where something is not proven, nothing is spared."""
    assert not is_look(7, checked_at, changed_at, proof, NOW)
