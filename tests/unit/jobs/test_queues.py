"""The table of queues."""

import pytest

from cinegraph.jobs import queues


def test_names_are_unique_and_reasons_given() -> None:
    """A queue stands once, with why."""
    assert len(queues.BY_NAME) == len(queues.QUEUES)
    assert all(queue.reason and queue.attempts > 0 for queue in queues.QUEUES)


@pytest.mark.parametrize(("profile", "imports"), [("dev", 2), ("prod", 10)])
def test_limits_follow_the_profile(profile: queues.Profile, imports: int) -> None:
    """Dev is small, prod keeps the request budget busy."""
    assert queues.limits(profile)["imports"] == imports
