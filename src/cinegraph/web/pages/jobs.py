"""Jobs: searching them, one job's story, and what would be done to all that match."""

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec

from cinegraph import clock
from cinegraph.jobs.browse import COUNT_UP_TO, LOOK_AT, JobCount, JobPage, JobRow
from cinegraph.jobs.filters import (
    CANCELLED,
    RETRIED,
    SPANS,
    JobFilter,
    Number,
    narrow,
    times_of,
)
from cinegraph.jobs.queues import BY_NAME
from cinegraph.jobs.timeline import measure, tell
from cinegraph.jobs.worker import list_workers
from cinegraph.monitoring.insights import STATES
from cinegraph.scrubbing import presentable
from cinegraph.web.actions import BY_KEY
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

PAGE_SIZE: Final = 50
_LONGEST_ABOUT: Final = 120
_LONGEST_JSON: Final = 8000


class JobsPage(JobFilter, frozen=True, kw_only=True):
    """Which jobs, and which page of them."""

    before: Number | None = None
    """Older than this job."""


class MatchingPage(JobFilter, frozen=True, kw_only=True):
    """What would be done to which jobs."""

    deed: Literal["retry", "cancel"] = "retry"


@page("/jobs", name="jobs", title="Jobs", section="Now", key="j")
async def jobs(request: PageRequest) -> Context:
    """Show jobs that match, newest first."""
    filters = request.filters(JobsPage)
    asked = _without_page(filters)
    found = await request.read(_search(asked, filters.before))
    return {
        "jobs": [(job, about(job)) for job in found.jobs],
        "page_of": found,
        "count": await request.read(_count(asked)),
        "filters": filters,
        "query_of": lambda **changes: query_of(asked, **changes),
        "has_filters": asked != JobFilter(),
        "can_retry": _can(asked, RETRIED),
        "can_cancel": _can(asked, CANCELLED),
        "workers": [worker.__name__ for worker in list_workers()],
        "queues": list(BY_NAME),
        "states": STATES,
        "spans": list(SPANS),
        "look_at": LOOK_AT,
        "count_up_to": COUNT_UP_TO,
        "now": clock.real_now(),
    }


@page("/jobs/matching", name="jobs_matching", title="All that match", seconds=None)
async def jobs_matching(request: PageRequest) -> Context:
    """Show how many jobs would be retried or cancelled, and ask."""
    asked = request.filters(MatchingPage)
    filters = _without_page(asked)
    narrowed = narrow(filters, RETRIED if asked.deed == "retry" else CANCELLED)
    # What was made lately is fixed now: what matches must not change while somebody reads.
    since = times_of(narrowed, clock.real_now()).since
    fixed = msgspec.structs.replace(
        narrowed, within=None, since=None if since is None else since.isoformat()
    )
    count = await request.c.count_jobs(fixed)
    sample = await request.c.search_jobs(fixed, limit=10)
    return {
        "deed": asked.deed,
        "action": BY_KEY[f"jobs.{asked.deed}_matching"],
        "count": count,
        "fields": [*_pairs(fixed), ("up_to", str(max(count.last_id, 1)))],
        "told": _told(narrowed),
        "sample": [(job, about(job)) for job in sample.jobs],
        "back": "/jobs?" + query_of(filters),
        "look_at": LOOK_AT,
    }


@page("/jobs/{job_id:int}", name="job", title="Job")
async def job(request: PageRequest) -> Context:
    """Show one job with all that happened to it."""
    found = await request.c.get_job(request.number("job_id"))
    now = clock.real_now()
    return {
        "job": found,
        "about": about(found),
        "arguments": _json(found.args),
        "meta": _json(found.meta),
        "events": tell(found),
        "durations": measure(found, now),
        "relatives": await request.c.list_relatives(found),
        "about_of": about,
        "now": now,
    }


def about(job: JobRow) -> str:
    """Return what a job is about, from its arguments; without secrets, in one line."""
    told = " ".join(
        f"{name}={_word(value)}"
        for name, value in job.args.items()
        if value is not None
        and value is not False
        and value != {}
        and (name != "source" or len(job.args) == 1)
    )
    text = " ".join(presentable(told, 10 * _LONGEST_ABOUT).split())
    return text if len(text) <= _LONGEST_ABOUT else f"{text[:_LONGEST_ABOUT]}…"


def query_of(filters: JobFilter, **changes: object) -> str:
    """Return filters as what stands behind the question mark of an address."""
    values = {name: value for name, value in _pairs(filters) if name not in changes}
    kept = [pair for pair in _pairs(filters) if pair[0] in values]
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    return urlencode([*kept, *added])


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _json(value: Mapping[str, Any]) -> str:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return presentable(text, _LONGEST_JSON)


def _pairs(filters: JobFilter) -> list[tuple[str, str]]:
    """Return what is set, a pair for each value."""
    pairs: list[tuple[str, str]] = []
    for name in JobFilter.__struct_fields__:
        value = getattr(filters, name)
        values = value if isinstance(value, tuple) else (value,)
        pairs += [(name, str(each)) for each in values if each is not None]
    return pairs


def _told(filters: JobFilter) -> list[tuple[str, str]]:
    """Return what is set in words, a line each."""
    lines: dict[str, list[str]] = {}
    for name, value in _pairs(filters):
        lines.setdefault(name, []).append(value)
    return [(name, ", ".join(values)) for name, values in lines.items()]


def _without_page(filters: JobFilter) -> JobFilter:
    """Return the filters alone, without what a page has besides."""
    names = JobFilter.__struct_fields__
    return JobFilter(**{name: getattr(filters, name) for name in names})


def _can(filters: JobFilter, states: tuple[str, ...]) -> bool:
    return not filters.state or bool({*filters.state} & {*states})


def _search(filters: JobFilter, before: int | None) -> Reading[JobPage]:
    return Reading(
        "jobs",
        1.0,
        lambda c: c.search_jobs(filters, before=before, limit=PAGE_SIZE),
        (filters, before),
    )


def _count(filters: JobFilter) -> Reading[JobCount]:
    return Reading("jobs_count", 10.0, lambda c: c.count_jobs(filters), filters)
