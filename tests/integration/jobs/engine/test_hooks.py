"""The private parts of Oban that we stand on: an upgrade that moves one shows here."""

import inspect
from importlib import metadata
from pathlib import Path

import oban
import pytest
from oban import Oban
from oban._executor import AckAction, Executor
from oban._extensions import _extensions
from oban._leader import Leader
from oban._notifier import PostgresNotifier
from oban._producer import Producer
from oban._refresher import Refresher
from oban.job import Job

from cinegraph.db.pool import Pool
from cinegraph.jobs.engine import hooks

_SOURCE = "\n".join(
    path.read_text() for path in sorted(Path(oban.__file__).parent.glob("*.py"))
)


def test_the_version_is_the_one_that_was_read() -> None:
    """Every statement about Oban here is about this version."""
    assert metadata.version("oban") == "0.7.0"


@pytest.mark.parametrize("name", sorted(hooks.HOOKS))
def test_oban_asks_for_every_hook(name: str) -> None:
    """The name stands in Oban's source as an extension point."""
    assert f'"{name}"' in _SOURCE


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            Producer.__init__,
            {
                "_queue",
                "_uuid",
                "_name",
                "_node",
                "_limit",
                "_paused",
                "_query",
                "_running_jobs",
                "_pending_acks",
                "_dispatcher",
                "_stopping",
            },
        ),
        (
            PostgresNotifier.__init__,
            {"_conn", "_loop_task", "_beat_task", "_pending_listen"},
        ),
        (Executor.__init__, {"action", "result", "job"}),
        (Oban.__init__, {"_producers", "_notifier", "_query", "_leader"}),
    ],
    ids=["producer", "notifier", "executor", "oban"],
)
def test_the_attributes_we_read_exist(owner: object, names: set[str]) -> None:
    """Each is set where we expect it."""
    source = inspect.getsource(owner)
    assert {name for name in names if f"self.{name} =" not in source} == set()


@pytest.mark.parametrize(
    "method",
    [
        "_process_pending",
        "_process_notifications",
        "_dispatch",
        "_connect",
        "_reconnect",
        "_loop",
        "_beat",
    ],
)
def test_the_notifier_has_the_methods_we_override(method: str) -> None:
    """The listener replaces or calls each."""
    assert inspect.iscoroutinefunction(getattr(PostgresNotifier, method))


def test_the_executor_calls_what_we_override() -> None:
    """An attempt is processed, recorded and reported by these three."""
    source = inspect.getsource(Executor.execute)
    assert "await self._process()" in source
    assert "self._record_stopped()" in source


def test_an_acknowledgement_has_the_fields_we_fill() -> None:
    """The fields of an action, no more and no less."""
    assert set(AckAction.__dataclass_fields__) == {
        "job",
        "state",
        "attempt_change",
        "error",
        "meta",
        "schedule_in",
    }


def test_a_job_has_the_fields_we_fill() -> None:
    """A row becomes a job without its constructor, so a new field must be known."""
    assert set(Job.__slots__) == {
        "_cancellation",
        "args",
        "attempt",
        "attempted_at",
        "attempted_by",
        "cancelled_at",
        "completed_at",
        "discarded_at",
        "errors",
        "extra",
        "id",
        "inserted_at",
        "max_attempts",
        "meta",
        "priority",
        "queue",
        "scheduled_at",
        "state",
        "tags",
        "worker",
    }


def test_installing_twice_changes_nothing() -> None:
    """The table of extensions holds each hook once."""
    hooks.install()
    before = dict(_extensions)
    hooks.install()

    assert _extensions == before
    assert all(_extensions[name] is hook for name, hook in hooks.HOOKS.items())


async def test_an_instance_that_is_not_ours_stays_plain(pool: Pool) -> None:
    """Installed hooks pass other instances on to Oban's own parts."""
    hooks.install()
    plain = Oban(pool=pool, queues={"imports": 1}, name="plain")

    assert type(plain._leader) is Leader
    assert type(plain._notifier) is PostgresNotifier
    assert type(plain._refresher) is Refresher
