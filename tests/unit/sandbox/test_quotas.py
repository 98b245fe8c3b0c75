"""How much a key may ask in a day."""

from datetime import UTC, datetime, timedelta

from cinegraph.sandbox.quotas import DailyQuota, Tally, fingerprint

_NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_day_has_so_many_requests() -> None:
    """What comes on top is refused, until the next day."""
    quota = DailyQuota(3, 0)
    day = [quota.take("k", _NOON) for _ in range(5)]
    late = quota.take("k", _NOON.replace(hour=23, minute=59))
    next_day = quota.take("k", _NOON.replace(day=2, hour=0))

    assert day == [True] * 3 + [False] * 2
    assert (late, next_day) == (False, True)


def test_every_key_has_a_day_of_its_own() -> None:
    """One that is used up leaves the others theirs."""
    quota = DailyQuota(1, 0)

    assert [quota.take(key, _NOON) for key in ("a", "a", "b", "")] == [
        True,
        False,
        True,
        True,
    ]


def test_the_day_begins_when_it_is_said() -> None:
    """With 06:30 what is asked before belongs to yesterday."""
    reset = 6 * 3600 + 30 * 60
    quota = DailyQuota(1, reset)
    before = _NOON.replace(hour=6, minute=29)
    taken = [quota.take("k", at) for at in (before, before + timedelta(minutes=1))]

    assert taken == [True, True]
    assert [day["day"] for day in quota.told()] == ["2026-08-31", "2026-09-01"]


def test_no_limit_counts_all_the_same() -> None:
    """The report knows what was asked, but never the key."""
    quota = DailyQuota(0, 0)
    for _ in range(7):
        quota.take("secret", _NOON)

    assert quota.told() == [
        {
            "day": "2026-09-01",
            "key": fingerprint("secret"),
            "requests": 7,
            "answered": 7,
            "refused": 0,
        }
    ]
    assert "secret" not in str(quota.told())
    assert fingerprint("") == "none"


def test_a_tally_counts_answers() -> None:
    """By status and by fault."""
    tally = Tally()
    tally.note(200, None, 10)
    tally.note(522, "omdb-522")

    assert tally.told() == {
        "requests": 2,
        "body_bytes": 10,
        "by_status": {"200": 1, "522": 1},
        "by_fault": {"omdb-522": 1},
    }
