"""Importers that benchmarks compare: what one of them did in one round, `plain.py`, and sums over rounds."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import harness
import msgspec

from cinegraph.sandbox.child import ChildSandbox

RUN_SECONDS = 900
"""No importer takes so long for one round."""


class Measured(msgspec.Struct):
    """One side's one round."""

    films_per_second: float
    importer_cpu: float
    """Seconds a thousand films; the same for the others."""
    postgres_cpu: float
    sandbox_cpu: float
    titles: int = 0
    """Films that OMDb has answered for as well."""

    @property
    def total_cpu(self) -> float:
        """All processes together."""
        return self.importer_cpu + self.postgres_cpu + self.sandbox_cpu


def cpu_of(
    url: str, sandbox: ChildSandbox, pids: Sequence[int]
) -> tuple[float, float, float]:
    """Return the CPU seconds so far of the importers, of PostgreSQL and of the sandbox."""
    return (
        sum(harness.cpu_seconds(pid) for pid in pids),
        harness.postgres_cpu_seconds(url),
        harness.cpu_seconds(sandbox.pid),
    )


def run_plain(url: str, sandbox: ChildSandbox, ids: Sequence[int]) -> Measured:
    """Let `plain.py` import *ids*; its own clock counts, without its start."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(map(str, ids)))
        file.flush()
        before = (harness.postgres_cpu_seconds(url), harness.cpu_seconds(sandbox.pid))
        finished = subprocess.run(  # noqa: S603 - our own script
            [
                sys.executable,
                str(Path(__file__).with_name("plain.py")),
                *(
                    "--base-url",
                    sandbox.base_url,
                    "--database-url",
                    url,
                    "--ids",
                    file.name,
                    "--json",
                ),
            ],
            check=True,
            capture_output=True,
            timeout=RUN_SECONDS,
        )
    told = json.loads(finished.stdout)
    after = (harness.postgres_cpu_seconds(url), harness.cpu_seconds(sandbox.pid))
    spent = (told["cpu_seconds"], after[0] - before[0], after[1] - before[1])
    return Measured(
        told["films_per_second"], *(value / len(ids) * 1000 for value in spent)
    )


def medians_of(
    rounds: Mapping[str, Sequence[Measured]],
) -> dict[str, dict[str, float]]:
    """Return the median of every figure, by side."""
    return {
        side: {
            name: statistics.median(getattr(one, name) for one in taken)
            for name in (
                "films_per_second",
                "importer_cpu",
                "postgres_cpu",
                "sandbox_cpu",
                "total_cpu",
            )
        }
        for side, taken in rounds.items()
    }


def ratios_of(
    rounds: Mapping[str, Sequence[Measured]], side: str, rival: str
) -> dict[str, Any]:
    """Return films a second of *side* beside those of *rival*, round by round and in the median."""
    by_round = [
        ours.films_per_second / theirs.films_per_second
        for ours, theirs in zip(rounds[side], rounds[rival], strict=True)
    ]
    return {"median": statistics.median(by_round), "by_round": by_round}
