"""Settings from the size of the machine."""

from pathlib import Path

import pytest

from cinegraph.db.embedded import tuning

_GB = 1024**3


def machine(
    *, memory: int = 16 * _GB, disk: int = 500 * _GB, shared: int = _GB
) -> tuning.Machine:
    """Return a machine with eight cores and the given sizes."""
    return tuning.Machine(
        memory_bytes=memory, cores=8, disk_free_bytes=disk, shared_memory_bytes=shared
    )


@pytest.mark.parametrize(
    ("memory", "buffers"), [(_GB, "128MB"), (16 * _GB, "2048MB"), (256 * _GB, "4096MB")]
)
def test_buffers_follow_memory(memory: int, buffers: str) -> None:
    """An eighth of the memory, never too little, never absurdly much."""
    assert tuning.settings(machine(memory=memory))["shared_buffers"] == buffers


def test_log_follows_the_disk() -> None:
    """A small disk is not filled by the write-ahead log."""
    assert tuning.settings(machine(disk=20 * _GB))["max_wal_size"] == "1024MB"
    assert tuning.settings(machine())["max_wal_size"] == "4096MB"


def test_small_shared_memory_is_avoided() -> None:
    """A container's 64 MB of /dev/shm would make parallel queries fail."""
    small = tuning.settings(machine(shared=64 * 1024**2))

    assert small["dynamic_shared_memory_type"] == "sysv"


def test_commits_are_durable_unless_the_data_is_disposable() -> None:
    """Only a server whose data goes with it saves the syncs."""
    kept = tuning.settings(machine())
    disposable = tuning.settings(machine(), disposable=True)

    assert kept["synchronous_commit"] == "on"
    assert "fsync" not in kept
    assert disposable["fsync"] == "off"


def test_this_machine_can_be_measured(tmp_path: Path) -> None:
    """Measuring gives sensible figures here."""
    found = tuning.measure(tmp_path)

    assert found.cores >= 1
    assert found.memory_bytes > 100 * 1024**2
    assert found.disk_free_bytes > 0
