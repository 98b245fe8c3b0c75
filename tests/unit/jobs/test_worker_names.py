"""A worker's stored name is its import path: it stands in every queued row, so it never moves."""

import importlib
import pkgutil
from pathlib import Path

import cinegraph.jobs
from cinegraph.jobs.worker import list_workers

_NAMES = Path(__file__).resolve().parents[2] / "worker_names.txt"


def test_the_workers_are_those_on_record() -> None:
    """A new worker adds its line; removing one needs a migration of queued rows first."""
    for module in pkgutil.walk_packages(cinegraph.jobs.__path__, "cinegraph.jobs."):
        importlib.import_module(module.name)
    registered = [
        worker.name for worker in list_workers() if worker.name.startswith("cinegraph.")
    ]
    lines = _NAMES.read_text().splitlines()

    assert registered == [line for line in lines if line and not line.startswith("#")]
