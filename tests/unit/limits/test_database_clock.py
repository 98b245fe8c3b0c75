"""Reading the database's clock through answers of any slowness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.limits.database_clock import DatabaseClock

_EPOCH = 1_700_000_000.0
_TOLERANCE = 1e-5  # of a float of that size, several times over

_waits = st.floats(0, 3)
_exchanges = st.lists(st.tuples(_waits, _waits, _waits), min_size=1, max_size=20)


@given(exchanges=_exchanges, offset=st.floats(-1e6, 1e6))
def test_an_instant_is_never_read_early(
    exchanges: list[tuple[float, float, float]], offset: float
) -> None:
    """However slow an answer was on either way, an instant comes out at its moment or later."""
    clock, now = DatabaseClock(), 100.0
    for pause, there, back in exchanges:
        sent = now + pause
        received = sent + there + back
        clock.observe(_EPOCH + offset + sent + there, sent=sent, received=received)
        now = received

    assert clock.to_local(_EPOCH + offset + now) >= now - _TOLERANCE


@given(exchanges=_exchanges, quick=st.floats(0, 0.01))
def test_the_quickest_answer_decides_how_late(
    exchanges: list[tuple[float, float, float]], quick: float
) -> None:
    """After one quick exchange slow ones make it worse by the drift alone."""
    clock, now = DatabaseClock(), 100.0
    clock.observe(_EPOCH + now, sent=now, received=now + quick)
    for pause, there, back in exchanges:
        sent = now + pause
        received = sent + there + back
        clock.observe(_EPOCH + sent + there, sent=sent, received=received)
        now = received

    late = clock.to_local(_EPOCH + now) - now
    assert late <= quick + (now - 100.0) * 1e-3 + _TOLERANCE


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_was_set_is_followed_at_once(jump: float) -> None:
    """The first answer after the database's clock was set replaces what was known."""
    clock = DatabaseClock()
    clock.observe(_EPOCH, sent=10.0, received=10.01)
    clock.observe(_EPOCH + jump + 5.0, sent=15.0, received=15.02)

    assert clock.to_local(_EPOCH + jump + 6.0) == pytest.approx(16.02, abs=1e-3)


def test_to_database_is_the_way_back() -> None:
    """What is read from the database's clock leads back to it."""
    clock = DatabaseClock()
    clock.observe(_EPOCH, sent=10.0, received=10.01)

    assert clock.to_local(clock.to_database(12.5)) == pytest.approx(12.5, abs=1e-5)
