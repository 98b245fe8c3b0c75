"""
How fast the sandbox answers, and what an answer costs it, on one core.

    python benchmarks/sandbox_speed.py [--recorded DIR] [--seconds 5] [--films 100000]

The sandbox runs in a process of its own; a few plain sockets in this one ask for whole
films as fast as they are answered. Bodies are counted as they come, compressed.
"""

import argparse
import json
import socket
import threading
import time
from pathlib import Path

import psutil

from cinegraph.sandbox import (
    InventedContent,
    RecordedContent,
    SandboxSettings,
    World,
    start_child,
)

_PARTS = (
    "credits,external_ids,keywords,videos,release_dates,recommendations,"
    "alternative_titles,watch/providers"
)
_CONNECTIONS = 4


class Asker(threading.Thread):
    """One keep-alive connection that asks for one film after another."""

    def __init__(self, port: int, ids: list[int], until: float) -> None:
        super().__init__()
        self.answers = 0
        self.body_bytes = 0
        self._port = port
        self._ids = ids
        self._until = until

    def run(self) -> None:
        """Ask until the time is up."""
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            index = 0
            while time.monotonic() < self._until:
                self.body_bytes += self._ask(connection, self._ids[index])
                self.answers += 1
                index = (index + 1) % len(self._ids)

    @staticmethod
    def _ask(connection: socket.socket, tmdb_id: int) -> int:
        """Ask for one film; give the size of the body."""
        connection.sendall(
            f"GET /3/movie/{tmdb_id}?append_to_response={_PARTS} HTTP/1.1\r\n"
            "Host: 127.0.0.1\r\nAuthorization: Bearer bench\r\n"
            "Accept: application/json\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"unexpected answer: {head[:80]!r}")
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        left = size - len(body)
        while left > 0:
            left -= len(connection.recv(65536))
        return size


def measure(
    name: str, settings: SandboxSettings, ids: list[int], seconds: float
) -> dict[str, float | str]:
    """Ask a child sandbox for films and report what it did."""
    started = time.monotonic()
    with start_child(settings) as child:
        start_seconds = time.monotonic() - started
        process = psutil.Process(child.pid)
        before = process.cpu_times()
        until = time.monotonic() + seconds
        port = int(child.base_url.split(":")[2].split("/")[0])
        askers = [Asker(port, ids[n::_CONNECTIONS], until) for n in range(_CONNECTIONS)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        after = process.cpu_times()
        memory = process.memory_info().rss
    answers = sum(asker.answers for asker in askers)
    received = sum(asker.body_bytes for asker in askers)
    cpu = after.user + after.system - before.user - before.system
    return {
        "mode": name,
        "responses_per_second": round(answers / seconds),
        "cpu_ms_per_response": round(cpu / answers * 1000, 4),
        "mean_body_bytes_compressed": round(received / answers),
        "start_seconds": round(start_seconds, 2),
        "memory_mb": round(memory / 2**20),
    }


def generation(films: int) -> dict[str, float | str]:
    """Measure what making an invented film costs, with JSON and gzip."""
    world = World(films)
    content = InventedContent(world)
    ids = [tmdb_id for page in range(1, 101) for tmdb_id in world.popular_ids(page)]
    began = time.process_time()
    sizes = [len(content.movie(i, tuple(_PARTS.split(","))).plain()) for i in ids]
    spent = time.process_time() - began
    return {
        "mode": "making an invented film",
        "cpu_ms_per_film": round(spent / len(ids) * 1000, 3),
        "mean_body_bytes": round(sum(sizes) / len(sizes)),
    }


def main() -> None:
    """Measure every mode and print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recorded", type=Path, default=None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--films", type=int, default=100_000)
    wanted = parser.parse_args()
    quiet = {"port": 0, "rate": 0, "latency": "none"}
    world = World(wanted.films)
    some = [i for page in range(1, 21) for i in world.popular_ids(page)]
    many = [i for page in range(1, 501) for i in world.popular_ids(page)]
    invented = SandboxSettings(films=wanted.films, **quiet)
    results = [
        generation(wanted.films),
        measure("invented, cached", invented, some, wanted.seconds),
        measure("invented, ever new", invented, many, wanted.seconds),
    ]
    if wanted.recorded is not None:
        recorded = SandboxSettings(recorded=wanted.recorded, **quiet)
        ids = RecordedContent(wanted.recorded).ids()
        results.append(measure("recorded", recorded, ids, wanted.seconds))
    for result in results:
        print("  ".join(f"{name}={value}" for name, value in result.items()))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
