"""The server's settings, from the size of this machine; numbers with reasons."""

import os
from dataclasses import dataclass
from pathlib import Path

_MB = 1024 * 1024
_GB = 1024 * _MB
# Limits of a container, version 2 and version 1 of cgroups; "max" or a huge number
# means none.
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at, never written


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the server may count on."""

    memory_bytes: int
    cores: int
    disk_free_bytes: int
    shared_memory_bytes: int
    """Free space of /dev/shm; containers often have 64 MB."""


def measure(folder: Path) -> Machine:
    """Return what this machine or container has; disk is that of *folder*."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    affinity = getattr(os, "sched_getaffinity", None)
    return Machine(
        memory_bytes=min([memory, *_container_limits()]),
        cores=len(affinity(0)) if affinity else os.cpu_count() or 1,
        disk_free_bytes=_free(folder),
        shared_memory_bytes=_free(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() else _GB,
    )


def settings(machine: Machine, *, disposable: bool = False) -> dict[str, str]:
    """
    Return PostgreSQL settings for *machine*.

    Args:
        machine: What there is.
        disposable: The data goes with its last user, so nothing need survive a power
            cut.
    """
    chosen = _memory(machine) | _disk(machine) | _planner(machine) | _upkeep() | _talk()
    # What ends with its last user has nothing to lose in a power cut.
    return chosen | ({"fsync": "off", "full_page_writes": "off"} if disposable else {})


def _memory(machine: Machine) -> dict[str, str]:
    memory = machine.memory_bytes
    return {
        # Half of the manual's quarter: workers, sandbox and the page cache live on the
        # same machine.
        "shared_buffers": _mb(_between(128 * _MB, memory // 8, 4 * _GB)),
        # What the page cache can be expected to hold.
        "effective_cache_size": _mb(max(memory // 2, 256 * _MB)),
        # A few nodes use it at once in each of some ten busy sessions: together at most
        # about a quarter of memory.
        "work_mem": _mb(_between(4 * _MB, memory // 256, 64 * _MB)),
        # Index builds and vacuum, at most four at a time.
        "maintenance_work_mem": _mb(_between(64 * _MB, memory // 16, _GB)),
        # Four production nodes of at most 25, one that is scaled to fifty, commands and
        # a person with psql; an unused one costs a few kilobytes.
        "max_connections": "200",
        # POSIX segments live in /dev/shm and parallel queries fail when it is small, as
        # in containers.
        "dynamic_shared_memory_type": (
            "posix" if machine.shared_memory_bytes >= 256 * _MB else "sysv"
        ),
    }


def _disk(machine: Machine) -> dict[str, str]:
    wal = _between(256 * _MB, machine.disk_free_bytes // 20, 4 * _GB)
    return {
        # A film answered for is on disk: jobs and rows commit together and both are
        # trusted.
        "synchronous_commit": "on",
        # Rare checkpoints: each makes every page it touched be logged whole once more.
        # Bounded by the disk.
        "max_wal_size": _mb(wal),
        "min_wal_size": _mb(min(wal // 2, 512 * _MB)),
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "wal_buffers": "16MB",
        # No replica reads this log; backups are pg_dump's.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        # Solid state disks: a random page costs hardly more than the next one.
        "random_page_cost": "1.1",
    }


def _planner(machine: Machine) -> dict[str, str]:
    return {
        # Many short statements; two cores are better used by two jobs than by one
        # query.
        "max_parallel_workers_per_gather": str(_between(0, machine.cores // 2 - 1, 4)),
        "max_parallel_workers": str(max(machine.cores // 2, 1)),
        "max_parallel_maintenance_workers": str(_between(1, machine.cores // 2, 4)),
        # Compiling takes longer than any statement of ours runs.
        "jit": "off",
        "default_text_search_config": "pg_catalog.simple",
    }


def _upkeep() -> dict[str, str]:
    return {
        # Job rows live for seconds: a queue table bloats within the usual minute and 20
        # %.
        "autovacuum_naptime": "15s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "autovacuum_vacuum_cost_limit": "1000",
    }


def _talk() -> dict[str, str]:
    return {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        # A failed statement is told to whoever sent it; here it would fill the disk and
        # could hold what it should not.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
    }


def _container_limits() -> list[int]:
    found = []
    for path in _MEMORY_LIMITS:
        try:
            text = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            found.append(int(text))
    return found


def _free(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))


def _mb(size: int) -> str:
    return f"{size // _MB}MB"
