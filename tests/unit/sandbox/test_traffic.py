"""The limit, the latency and the report."""

from statistics import median

import pytest

from cinegraph.errors import UsageError
from cinegraph.sandbox.traffic import Latency, Report, Window


def test_a_window_slides() -> None:
    """What is a second old counts no more; the worst second is kept."""
    window = Window()
    for now in (0.0, 0.5, 0.9, 1.0, 1.4):
        window.add(now)

    assert window.count(1.45) == 4
    assert window.count(1.95) == 2
    assert window.worst == 4


def test_a_worst_second_is_found_across_whole_seconds() -> None:
    """A burst at the turn of a second is seen whole."""
    window = Window()
    for step in range(20):
        window.add(0.9 + step / 100)

    assert window.worst == 20


def test_real_latency_is_like_the_real_one() -> None:
    """Half of the answers within 0.2 s, 95 % within 0.4 s."""
    latency = Latency("real", 1)
    drawn = sorted(latency.draw() for _ in range(5_000))

    assert median(drawn) == pytest.approx(0.2, rel=0.03)
    assert drawn[4_750] < 0.4
    assert drawn[0] > 0


def test_other_latencies_are_fixed() -> None:
    """None is none, a number is that number."""
    assert Latency("none", 1).draw() == 0
    assert Latency("0.3", 1).draw() == 0.3


@pytest.mark.parametrize("text", ["slow", "-1", "nan", "inf", ""])
def test_what_is_no_latency_is_refused(text: str) -> None:
    """A mistake is told with a hint."""
    with pytest.raises(UsageError):
        Latency(text, 1)


def test_a_report_counts_what_was_served() -> None:
    """Requests, endpoints, statuses, faults and the series of seconds."""
    report = Report(10.0)
    for now in (10.0, 10.5, 12.1):
        report.note_arrival(now)
    report.note_answer("movie", 200, None, 100)
    report.note_answer("movie", 503, "5xx", 50)
    report.note_answer("popular", 200, None, 10)

    told = report.told(13.0)

    assert told["requests"] == 3
    assert told["by_endpoint"] == {"movie": 2, "popular": 1}
    assert told["by_status"] == {"200": 2, "503": 1}
    assert told["by_fault"] == {"5xx": 1}
    assert told["per_second"] == [(0, 2), (2, 1)]
    assert told["body_bytes"] == 160
    assert "5xx 1" in report.summary(13.0)
