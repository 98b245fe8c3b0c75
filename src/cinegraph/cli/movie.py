"""`cinegraph movie`: a film, and why it is as it is."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from cinegraph import clock, words
from cinegraph.api import Cinegraph, MovieNotFoundError, parse_reference
from cinegraph.catalog.browse import Credit, MovieDetails, Rating
from cinegraph.cli import (
    console,
    enriching_recommendations,
    session,
    show_score,
)
from cinegraph.enrichment.recommendations.kinds import DIVERSITY
from cinegraph.errors import UsageError
from cinegraph.monitoring.insights import JobTrace, MovieTrace
from cinegraph.monitoring.stories import explain_movie
from cinegraph.scrubbing import scrub
from cinegraph.sync.ledger import LedgerEntry

if TYPE_CHECKING:
    from cinegraph.enrichment.recommendations.browse import Recommendations

type Rows = list[tuple[str, str | Text]]


def movie(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A number is a TMDb id, tt... an IMDb id, '#n' our own."
        ),
    ],
    *,
    trace: Annotated[
        bool, typer.Option("--trace", help="Every source, job and attempt, and why.")
    ] = False,
    score: Annotated[
        bool, typer.Option("--score", help="Its cultural relevance, term by term.")
    ] = False,
    recommendations: Annotated[
        bool, typer.Option("--recommendations", help="Films like it, and why.")
    ] = False,
    diversity: Annotated[
        float,
        typer.Option(
            "--diversity",
            metavar="N",
            help="0: the most alike; 1: as little like one another as can be.",
        ),
    ] = DIVERSITY,
    adult: Annotated[
        bool, typer.Option("--adult", help="Recommend films for adults, too.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show a stored film; with --trace why it is fresh, stale, missing or failing."""
    if not recommendations and (adult or diversity != DIVERSITY):
        raise UsageError(
            "--diversity and --adult are about recommendations",
            hint="Give --recommendations as well.",
        )
    wanted = _Wanted(trace, score, (diversity, adult) if recommendations else None)
    is_stored = session.run(_movie(reference, wanted, json=json))
    if not is_stored:
        raise typer.Exit(1)


class _Wanted(NamedTuple):
    """What is shown beside the film."""

    trace: bool
    score: bool
    recommendations: tuple[float, bool] | None
    """With which diversity, and whether with films for adults."""


async def _movie(reference: str, wanted: _Wanted, *, json: bool) -> bool:
    kind, number = parse_reference(reference)
    async with session.connect(reads=True) as c:
        found = await c.find_movie(reference)
        story = await _trace(c, found, kind, number)
        scored = await c.explain_score(reference) if wanted.score else None
        alike = await _recommend(c, found, wanted.recommendations)
    why = explain_movie(found, story) if story else ""
    trace = story if wanted.trace else None
    if json:
        told = _told(found, trace, why)
        if wanted.score:
            told["score"] = show_score.tell(scored)
        if alike is not None:
            told["recommendations"] = msgspec.to_builtins(alike)
        console.print_json(told)
    elif found is not None:
        console.show(
            *_film(found),
            *(show_score.draw(scored) if scored else []),
            *(enriching_recommendations.tell(alike) if alike else []),
            *(_story(trace, why) if trace else []),
        )
    elif story is not None and (story.ledger or story.jobs):
        console.show(*(_story(trace, why) if trace else [Text(why)]))
    else:
        raise MovieNotFoundError(
            f"no film {reference} is stored, and nothing is known of it",
            hint=f"`cinegraph import movie {reference} --wait` fetches it.",
        )
    return found is not None


async def _trace(
    c: Cinegraph, found: MovieDetails | None, kind: str, number: str
) -> MovieTrace | None:
    if found is not None:
        return await c.trace_movie(found.tmdb_id)
    # Of a film that is not stored only TMDb's id leads anywhere.
    return await c.trace_movie(int(number)) if kind == "tmdb" else None


async def _recommend(
    c: Cinegraph, found: MovieDetails | None, wanted: tuple[float, bool] | None
) -> "Recommendations | None":
    if found is None or wanted is None:
        return None
    diversity, adult = wanted
    return await c.list_recommendations(
        f"#{found.id}", diversity=diversity, include_adult=adult
    )


def _told(
    found: MovieDetails | None, story: MovieTrace | None, why: str
) -> dict[str, Any]:
    told: dict[str, Any] = {"movie": msgspec.to_builtins(found), "why": why}
    if story is not None:
        told["trace"] = msgspec.to_builtins(story)
    return told


def _film(film: MovieDetails) -> list[RenderableType]:
    year = f" ({film.release_date.year})" if film.release_date else ""
    head = Text.assemble((film.title, "bold"), year)
    if film.original_title and film.original_title != film.title:
        head.append(f"  {film.original_title}", style="dim")
    parts: list[RenderableType] = [head]
    if film.overview:
        parts.append(Padding(Text(film.overview, style="italic"), (1, 0, 1, 0)))
    parts.append(console.make_sheet(_facts(film)))
    return parts


def _facts(film: MovieDetails) -> Rows:
    told = {
        "ids": _ids(film),
        "released": _released(film),
        "runtime": f"{film.runtime_minutes} min" if film.runtime_minutes else None,
        "genres": ", ".join(film.genres),
        "directed by": ", ".join(film.directors),
        "cast": _cast(film.cast, film.cast_count),
        "crew": words.count(film.crew_count, "credit"),
        "rating": _ratings(film),
        "money": _money(film),
        "countries": ", ".join(film.countries),
        "companies": ", ".join(film.companies),
        "collection": film.collection,
        "keywords": ", ".join(film.keywords),
        "fetched": f"{words.moment(film.fetched_at)} ({words.ago(film.fetched_at)})",
        "gone": film.gone_at
        and f"TMDB has it no longer, since {words.moment(film.gone_at)}; see cinegraph gone",
        "changed": f"{words.moment(film.updated_at)} ({words.ago(film.updated_at)})",
    }
    return [(name, text) for name, text in told.items() if text]


def _released(film: MovieDetails) -> str | None:
    if film.release_date is None:
        return film.status
    note = f" ({film.status})" if film.status not in {None, "Released"} else ""
    return f"{film.release_date}{note}"


def _ids(film: MovieDetails) -> str:
    imdb = film.imdb_id or "no IMDb id"
    return f"TMDb {film.tmdb_id}, {imdb}, ours #{film.id}"


def _cast(cast: list[Credit], total: int) -> str:
    told = [
        f"{credit.name} ({credit.character})" if credit.character else credit.name
        for credit in cast[:5]
    ]
    if total > len(told):
        told.append(f"and {total - len(told)} more")
    return ", ".join(told)


def _ratings(film: MovieDetails) -> str:
    return ", ".join(_rating(one) for one in film.ratings)


def _rating(one: Rating) -> str:
    house = words.house(one.kind)
    told = [words.count(one.votes, "vote")] if one.votes is not None else []
    if one.source != house.lower():
        told.append(f"by {one.source}")
    about = f" ({', '.join(told)})" if told else ""
    return f"{house} {words.rating(one.kind, one.value)}{about}"


def _money(film: MovieDetails) -> str:
    if film.budget_usd is None and film.revenue_usd is None:
        return ""
    return f"budget {words.money(film.budget_usd)}, revenue {words.money(film.revenue_usd)}"


def _story(story: MovieTrace, why: str) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(""), Text(why, style="bold")]
    for entry in story.ledger:
        parts += [Text(""), console.make_sheet(_entry(entry))]
    if story.documents:
        parts += [Text(""), _documents(story)]
    if story.due:
        parts += [Text(""), _due(story)]
    if story.jobs:
        parts += [Text(""), _jobs(story.jobs)]
        parts += _attempts(story.jobs)
    return parts


def _documents(story: MovieTrace) -> RenderableType:
    table = console.make_table("document", "size>", "first came", "last sent")
    for document in story.documents:
        table.add_row(
            f"{document.source} {document.external_id}",
            words.size(document.size_bytes),
            words.moment(document.fetched_at),
            words.moment(document.checked_at),
        )
    table.add_row(
        "row", "", words.moment(story.created_at), words.moment(story.updated_at)
    )
    return table


def _due(story: MovieTrace) -> RenderableType:
    """Show what is computed anew, why, and when."""
    table = console.make_table("computed anew", "because of", "due", "failures>")
    for due in story.due:
        told = f"{due.failures:,} ({due.error_code})" if due.failures else "0"
        when = words.ago(due.due_at, story.read_at)
        table.add_row(due.enrichment, due.reason, when, told)
    return table


def _entry(entry: LedgerEntry) -> Rows:
    rows: Rows = [
        (
            f"at {entry.source}",
            Text(entry.state, style=words.STATE_STYLES.get(entry.state, "")),
        ),
        ("wanted", entry.reason),
        (
            "checked",
            f"{words.moment(entry.checked_at)} ({words.ago(entry.checked_at)})",
        ),
        (
            "changed",
            f"{words.moment(entry.changed_at)} ({words.ago(entry.changed_at)})",
        ),
        (
            "due again",
            f"{words.moment(entry.due_at)} ({words.ago(entry.due_at)})"
            if entry.due_at
            else "–",
        ),
    ]
    if entry.error_code:
        rows.append(("error", f"{entry.error_code}: {scrub(entry.error or '')}"))
    return rows


def _jobs(jobs: list[JobTrace]) -> RenderableType:
    table = console.make_table(
        "job>", "worker", "run>", "state", "tries>", "made", "ended"
    )
    # Oban's times are real ones.
    now = clock.real_now()
    for job in jobs:
        table.add_row(
            str(job.id),
            job.worker,
            str(job.run_id or ""),
            Text(job.state, style=words.STATE_STYLES.get(job.state, "")),
            f"{job.attempt}/{job.max_attempts}",
            words.ago(job.inserted_at, now),
            words.ago(job.ended_at, now) if job.ended_at else "–",
        )
    return table


def _attempts(jobs: list[JobTrace]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for job in jobs:
        if job.reason:
            lines.append(Text(f"job {job.id} because: {job.reason}", style="dim"))
        for error in job.errors:
            text = scrub(str(error.get("error", ""))).strip().splitlines() or [""]
            at = str(error.get("at", ""))[:19].replace("T", " ")
            lines.append(
                Text(f"job {job.id} try {error.get('attempt')} {at} UTC: {text[0]}")
            )
    return [Text(""), *lines] if lines else []
