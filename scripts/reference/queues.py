"""`queues.md`: every queue, how much it does at once and why."""

from cinegraph.jobs.queues import QUEUES
from cinegraph.jobs.worker import list_workers
from reference.jobs import import_workers
from reference.writing import document, table


def page() -> str:
    """Return the page."""
    import_workers()
    return document(
        "Queues",
        "Jobs at once are per node; `cinegraph queues scale` changes them for every node, also those started later.",
        table(
            ["Queue", "At once, dev", "At once, prod", "Attempts", "Workers", "Why"],
            [
                [
                    f"`{queue.name}`",
                    str(queue.dev),
                    str(queue.prod),
                    str(queue.attempts),
                    _workers_of(queue.name),
                    queue.reason,
                ]
                for queue in QUEUES
            ],
        ),
    )


def _workers_of(queue: str) -> str:
    names = [worker.__name__ for worker in list_workers() if worker.queue == queue]
    return ", ".join(f"[{name}](jobs.md#{name.lower()})" for name in names)
