"""
The base class of all workers, and what a running job is given.

A worker's arguments are a frozen msgspec struct, checked when the job is made and again when it runs. Its stored name
is its import path; only classes registered here are ever resolved from a row.
"""

import base64
import hashlib
import types
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, cast, get_args, get_origin

import msgspec
import psycopg
from oban import Job

from cinegraph.errors import JobArgumentsError
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.outcome import Outcome, Tries, Verdict, default_backoff
from cinegraph.jobs.queues import BY_NAME

DEFAULT_TIMEOUT = timedelta(seconds=120)
"""A request, its retries and its transaction take seconds; a job still running after this hangs."""

type RunId = int | str

_registry: dict[str, "type[Worker[Any]]"] = {}
_encoder = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class JobContext[A: msgspec.Struct]:
    """What a running job knows: its arguments, its numbers, and the services of its node."""

    args: A
    job: Job
    services: Any
    """What the engine was started with; opaque to the engine."""

    @property
    def id(self) -> int:
        """The job's id."""
        return cast("int", self.job.id)

    @property
    def attempt(self) -> int:
        """The attempt that runs, from 1."""
        return self.job.attempt

    @property
    def max_attempts(self) -> int:
        """Attempts until the job ends as failed."""
        return self.job.max_attempts

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the job's row carries beside its arguments."""
        return self.job.meta

    @property
    def run_id(self) -> RunId | None:
        """The run this job belongs to, if any."""
        return cast("RunId | None", self.job.meta.get("run_id"))

    @property
    def parent_id(self) -> int | None:
        """The job that made this one, if any."""
        return cast("int | None", self.job.meta.get("parent_id"))

    @property
    def root_id(self) -> int:
        """The first job of the tree; the job's own id when it is the first."""
        return cast("int", self.job.meta.get("root_id", self.job.id))

    @property
    def tries(self) -> Tries:
        """What counts towards the job's limits."""
        return Tries(
            self.job.attempt, self.job.max_attempts, self.job.meta.get("snoozed", 0)
        )

    def cancelled(self) -> bool:
        """Whether a person asked for the job's end; long work looks between its steps."""
        return self.job.cancelled()

    async def enqueue(self, conn: psycopg.AsyncConnection, *jobs: Job) -> list[Job]:
        """Insert *jobs* in the transaction of *conn*; `id` is None where the same work is live already."""
        return await insert_jobs(conn, jobs)


_current: ContextVar[JobContext[Any] | None] = ContextVar("cinegraph_job", default=None)


def enter(context: JobContext[Any]) -> None:
    """Make *context* the current job of this task; the dispatcher's business."""
    _current.set(context)


class Worker[A: msgspec.Struct](ABC):
    """
    One kind of job.

    Class arguments: `queue` (a name of `cinegraph.jobs.queues`), `max_attempts` (default: the queue's), `timeout`,
    `priority` (0 first to 9). The docstring is the help that operators read.
    """

    queue: ClassVar[str]
    max_attempts: ClassVar[int]
    timeout: ClassVar[timedelta]
    priority: ClassVar[int]
    name: ClassVar[str]
    args_type: ClassVar[type[msgspec.Struct]]

    def __init_subclass__(
        cls,
        *,
        queue: str,
        max_attempts: int | None = None,
        timeout: timedelta = DEFAULT_TIMEOUT,
        priority: int = 0,
        **kwargs: object,
    ) -> None:
        """Register the worker under its import path."""
        super().__init_subclass__(**kwargs)
        if queue not in BY_NAME:
            raise TypeError(
                f"{cls.__name__}: there is no queue {queue!r} in {', '.join(BY_NAME)}"
            )
        cls.queue = queue
        cls.max_attempts = max_attempts or BY_NAME[queue].attempts
        cls.timeout = timeout
        cls.priority = priority
        cls.name = f"{cls.__module__}.{cls.__qualname__}"
        cls.args_type = _args_type_of(cls)
        _registry[cls.name] = cls

    @classmethod
    def new(
        cls,
        args: A,
        *,
        run: RunId | None = None,
        parent: int | None = None,
        priority: int | None = None,
        scheduled_in: timedelta | float | None = None,
        unique: bool = True,
    ) -> Job:
        """
        Return a job with checked arguments, not yet enqueued.

        Args:
            args: Checked against their constraints here, not when the job runs.
            run: The run it belongs to; default: the current job's.
            parent: The job that asks for it; default: the current job.
            priority: 0 (first) to 9; default: the worker's.
            scheduled_in: Run after that long; default: at once.
            unique: Not enqueued while the same worker has a live job with the same arguments.

        Raises:
            JobArgumentsError: The arguments break a constraint; the text names the field.
        """
        encoded = _checked(cls, args)
        meta = _lineage(run, parent)
        if unique:
            meta["uniq_key"] = unique_key(cls.name, encoded)
        return Job(
            cls.name,
            args=msgspec.json.decode(encoded),
            meta=meta,
            queue=cls.queue,
            max_attempts=cls.max_attempts,
            priority=cls.priority if priority is None else int(priority),
            scheduled_in=scheduled_in,
        )

    @abstractmethod
    async def run(self, job: JobContext[A]) -> Outcome | None:
        """Do the work; None means done. An error raised becomes an outcome by its disposition."""

    async def settle(self, job: JobContext[A], verdict: Verdict) -> None:  # noqa: B027 - a hook, not a duty
        """
        Write down an end that `run` did not reach: called before the job's row changes, not after a plain `Done`.

        When it raises on a final verdict, the job is tried again while it has attempts left.
        """

    def backoff(self, attempt: int) -> float:
        """Return seconds until the attempt after *attempt*."""
        return default_backoff(attempt)


def find_worker(name: str) -> type[Worker[Any]] | None:
    """Return the registered worker of that stored name; nothing is ever imported for a row."""
    return _registry.get(name)


def list_workers() -> Sequence[type[Worker[Any]]]:
    """Return every registered worker by name."""
    return [_registry[name] for name in sorted(_registry)]


def decode_args(worker: type[Worker[Any]], args: Mapping[str, Any]) -> msgspec.Struct:
    """
    Return the arguments of a stored job.

    Raises:
        JobArgumentsError: They do not fit the worker, for example after a change of its code.
    """
    try:
        return msgspec.convert(args, worker.args_type)
    except msgspec.ValidationError as error:
        raise _refused(worker, str(error)) from None


def unique_key(worker_name: str, encoded_args: bytes) -> str:
    """Return the key that is unique among live jobs: stable across processes and versions."""
    digest = hashlib.blake2b(
        worker_name.encode() + b"\0" + encoded_args, digest_size=15
    ).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _checked(worker: type[Worker[Any]], args: msgspec.Struct) -> bytes:
    if type(args) is not worker.args_type:
        raise _refused(worker, f"it takes {worker.args_type.__name__}, got {args!r}")
    try:
        msgspec.convert(msgspec.to_builtins(args), worker.args_type)
        encoded = _encoder.encode(args)
    except (msgspec.ValidationError, TypeError, UnicodeError) as error:
        raise _refused(worker, str(error)) from None
    if rb"\u0000" in encoded:
        # PostgreSQL's jsonb cannot hold it, and one such job would fail a whole batch.
        raise _refused(worker, "a text holds the character NUL")
    return encoded


def _refused(worker: type[Worker[Any]], reason: str) -> JobArgumentsError:
    return JobArgumentsError(
        f"{worker.__name__} refuses its arguments: {reason}",
        hint=f"See {worker.args_type.__name__} for what it takes.",
    )


def _lineage(run: RunId | None, parent: int | None) -> dict[str, Any]:
    current = _current.get()
    meta: dict[str, Any] = {}
    if current is not None:
        meta = {"parent_id": current.id, "root_id": current.root_id}
        if current.run_id is not None:
            meta["run_id"] = current.run_id
    if run is not None:
        meta["run_id"] = run
    if parent is not None:
        meta["parent_id"] = parent
        meta.setdefault("root_id", parent)
    return meta


def _args_type_of(worker: type[Worker[Any]]) -> type[msgspec.Struct]:
    for base in types.get_original_bases(worker):
        if get_origin(base) is Worker:
            (found,) = get_args(base)
            if isinstance(found, type) and issubclass(found, msgspec.Struct):
                config = found.__struct_config__
                if config.frozen and config.forbid_unknown_fields:
                    return found
    raise TypeError(
        f"{worker.__name__} must derive from Worker[Args] where Args is a msgspec.Struct"
        " with frozen=True and forbid_unknown_fields=True"
    )
