"""What the memory of stored statements remembers, and that it forgets."""

from datetime import date

from cinegraph.catalog.recent import RecentStatements
from factories import make_person

MONDAY = date(2026, 8, 31)
TUESDAY = date(2026, 9, 1)
ADA = make_person(1, "Ada")
BOB = make_person(2, "Bob")


def test_a_statement_counts_as_stored_after_the_commit_only() -> None:
    """Until its transaction is committed it must be sent again by the next."""
    recent = RecentStatements()
    assert recent.unknown("people", MONDAY, [ADA]) == [ADA]
    recent.rollback()
    assert recent.unknown("people", MONDAY, [ADA, BOB]) == [ADA, BOB]
    recent.commit()
    assert recent.unknown("people", MONDAY, [ADA, BOB]) == []


def test_within_a_transaction_a_statement_is_sent_once() -> None:
    """Two films of a group that say the same need one row."""
    recent = RecentStatements()
    assert recent.unknown("people", MONDAY, [ADA]) == [ADA]
    assert recent.unknown("people", MONDAY, [ADA, BOB]) == [BOB]


def test_other_words_another_day_or_table_are_other_statements() -> None:
    """Only the very same statement is known."""
    recent = RecentStatements()
    recent.unknown("people", MONDAY, [ADA])
    recent.commit()
    renamed = make_person(1, "Ada Lovelace")
    assert recent.unknown("people", MONDAY, [renamed]) == [renamed]
    assert recent.unknown("people", TUESDAY, [ADA]) == [ADA]
    assert recent.unknown("crowd", MONDAY, [ADA]) == [ADA]


def test_forgetting_trusts_nothing() -> None:
    """After a failure everything is sent again, what was pending too."""
    recent = RecentStatements()
    recent.unknown("people", MONDAY, [ADA])
    recent.commit()
    recent.unknown("people", MONDAY, [BOB])
    recent.forget()
    recent.commit()
    assert len(recent) == 0
    assert recent.unknown("people", MONDAY, [ADA, BOB]) == [ADA, BOB]


def test_memory_is_bounded() -> None:
    """Two generations are kept, however much is said."""
    recent = RecentStatements(generation_size=10)
    for number in range(1, 200):
        recent.unknown("people", MONDAY, [make_person(number)])
        recent.commit()
        assert len(recent) <= 2 * 11


def test_what_is_said_again_and_again_stays() -> None:
    """A statement of the old generation that comes again moves into the young one."""
    recent = RecentStatements(generation_size=10)
    recent.unknown("people", MONDAY, [ADA])
    recent.commit()
    for number in range(2, 100):
        recent.unknown("people", MONDAY, [make_person(number)])
        recent.commit()
        assert recent.unknown("people", MONDAY, [ADA]) == []
