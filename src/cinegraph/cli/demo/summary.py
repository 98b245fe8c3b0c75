"""What the demo says at the end; every number is read, none is hoped for."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console
from cinegraph.cli.demo.numbers import Comparison, Computed, RelevantMovie, TopMovie
from cinegraph.cli.demo.stage import CEREMONY, OMDB_LIMIT
from cinegraph.db.embedded.layout import locate
from cinegraph.festivals.browse import Nomination, Nominee
from cinegraph.monitoring.insights import Status
from cinegraph.monitoring.progress import RunProgress

TOP = 8
RELEVANT = 5


class Facts(NamedTuple):
    """What the summary is made of."""

    run: RunProgress
    awards: RunProgress
    winners: list[Nomination]
    status: Status
    report: dict[str, Any]
    tries: dict[str, int]
    held: int
    rescued: int
    comparisons: list[Comparison]
    top: list[TopMovie]
    computed: Computed
    relevant: list[RelevantMovie]

    @property
    def is_good(self) -> bool:
        """Whether the run completed and the rows are those of the world."""
        is_done = self.run.state == self.awards.state == "completed"
        return is_done and all(c.is_equal for c in self.comparisons)


def tell(facts: Facts) -> list[RenderableType]:
    """Return the summary."""
    return [
        Text(""),
        _top_table(facts.top),
        Text(""),
        _winners_table(facts.winners),
        Text(""),
        _relevant_table(facts.relevant),
        Text(""),
        console.make_sheet([*_results(facts), *_trouble(facts)]),
        *_verdicts(facts.comparisons),
        Text(""),
    ]


def _results(facts: Facts) -> list[tuple[str, str | Text]]:
    run, status, report = facts.run, facts.status, facts.report
    seconds = words.duration(run.elapsed.total_seconds())
    style = words.STATE_STYLES.get(run.state, "")
    return [
        (
            "import",
            Text.assemble(
                (run.state, style), f" in {seconds}, {run.films_per_second:.1f} films/s"
            ),
        ),
        (
            "stored",
            (
                f"{status.imported_movies:,} films, {status.people:,} people, "
                f"{status.credits:,} credits"
            ),
        ),
        (
            "requests",
            (
                f"{report['requests']:,} in all; worst second "
                f"{report['worst_second']} of the 50 that TMDB allows"
            ),
        ),
        ("OMDb", _omdb(report["omdb"])),
        ("awards", _awards(facts)),
        (
            "computed",
            (
                f"{words.count(facts.computed.pairs, 'pair')} who worked together, "
                f"{words.count(facts.computed.scores, 'score')}, recommendations "
                f"for {words.count(facts.computed.recommended, 'film')}"
            ),
        ),
    ]


def _awards(facts: Facts) -> Text:
    """Say what the ceremony came to."""
    run = facts.awards
    seconds = words.duration(run.elapsed.total_seconds())
    people = sum(nominee.tmdb_id is not None for nominee in _nominees(facts.winners))
    named = len(_nominees(facts.winners))
    return Text.assemble(
        (run.state, words.STATE_STYLES.get(run.state, "")),
        f" in {seconds}: {words.count(len(facts.winners), 'nomination')},"
        f" {words.count(run.done, 'film')}, {people} of {named} nominees known",
    )


def _nominees(nominations: list[Nomination]) -> list[Nominee]:
    return [nominee for each in nominations for nominee in each.nominees]


def _omdb(report: dict[str, Any]) -> str:
    """Say what was asked of the day's quota, as OMDb saw it."""
    flight = report["most_in_flight"]
    return (
        f"{report['requests']:,} of the {OMDB_LIMIT} a day asked, {flight} in flight, "
        "the rest kept for people"
    )


def _trouble(facts: Facts) -> list[tuple[str, str | Text]]:
    report = facts.report
    faults = (
        ", ".join(f"{name} {n}" for name, n in report["by_fault"].items()) or "none"
    )
    too_fast = report["refused_by_limit"]
    refused = report["by_status"].get("429", 0) - too_fast
    tries = sum(facts.tries.values())
    rows: list[tuple[str, str | Text]] = [
        ("faults met", faults),
        (
            "429",
            f"{refused} made on purpose, {too_fast} by going too fast",
        ),
        (
            "tried again",
            f"{words.count(tries, 'job')}, {facts.run.failed} failed in the end",
        ),
    ]
    if facts.held:
        rows.append(
            (
                "crash",
                (
                    f"{words.count(facts.held, 'film')} held by the killed worker, "
                    f"{facts.rescued} finished by the other"
                ),
            )
        )
    return rows


def _verdicts(comparisons: list[Comparison]) -> list[Text]:
    lines = []
    for one in comparisons:
        if one.is_equal:
            text = f"{one.equal:,} of {one.expected:,} {one.kind} equal the world's"
            lines.append(Text.assemble(("  ✓ ", "bold green"), text))
        else:
            text = (
                f"{one.equal:,} of {one.expected:,} {one.kind} equal the world's; "
                f"{one.stored:,} are stored"
            )
            lines.append(Text.assemble(("  ✗ ", "bold red"), text))
    return lines


def _top_table(top: list[TopMovie]) -> Table:
    table = console.make_table(
        ("film", {"no_wrap": True, "overflow": "ellipsis", "max_width": 32}),
        "year>",
        "score>",
        "credits>",
        ("directed by", {"no_wrap": True, "overflow": "ellipsis", "max_width": 22}),
        title="The most popular films of an invented world",
    )
    for film in top:
        table.add_row(
            Text(film.title),
            str(film.release_date.year) if film.release_date else "–",
            f"{film.score:.1f}" if film.score else "–",
            str(film.credits),
            Text(film.director or "–"),
        )
    return table


def _winners_table(nominations: list[Nomination]) -> Table:
    table = console.make_table(
        ("award", {"no_wrap": True, "overflow": "ellipsis", "max_width": 29}),
        ("film", {"no_wrap": True, "overflow": "ellipsis", "max_width": 25}),
        ("winner", {"no_wrap": True, "overflow": "ellipsis", "max_width": 20}),
        title=f"Academy Awards {CEREMONY} of that world",
    )
    for each in nominations:
        if each.is_winner:
            films = ", ".join(film.title for film in each.films)
            names = ", ".join(nominee.name for nominee in each.nominees)
            table.add_row(each.category.capitalize(), Text(films), Text(names))
    return table


def _relevant_table(films: list[RelevantMovie]) -> Table:
    narrow = {"no_wrap": True, "overflow": "ellipsis", "max_width": 26}
    table = console.make_table(
        ("film", narrow),
        "CRI>",
        ("most like it", narrow),
        ("by", {"no_wrap": True, "overflow": "ellipsis", "max_width": 20}),
        title="The most relevant films, by 14 kinds of evidence",
    )
    for film in films:
        table.add_row(
            Text(film.title),
            f"{film.score:.0f}",
            Text(film.like or "–"),
            ", ".join(film.because or []) or "–",
        )
    return table


def tell_how_to_look_around(home: Path) -> list[RenderableType]:
    """Return what can be done with a database that was kept."""
    at = f"CINEGRAPH_HOME={shlex.quote(str(home))}"
    places = locate(home)
    folders = sorted(
        {str(home), *([str(places.base)] if places.base.parent != home else [])}
    )
    return [
        Text("The database is kept. Look around:", style="bold"),
        *_activation(),
        Text(f"  {at} cinegraph web", no_wrap=True),
        Text(f"  {at} cinegraph status", no_wrap=True),
        Text(f"  {at} cinegraph db psql", no_wrap=True),
        Text("Remove it:", style="bold"),
        Text(
            f"  rm -r {' '.join(shlex.quote(folder) for folder in folders)}",
            no_wrap=True,
        ),
        Text(""),
    ]


def tell_where_to_look(address: str) -> list[RenderableType]:
    """Return where everything is still running."""
    return [
        Text.assemble(("The dashboard is open: ", "bold"), (address, "bold cyan")),
        Text(
            "Workers and imitations go on too: start something there. Ctrl-C ends all."
        ),
        Text(""),
    ]


def tell_how_to_go_on() -> list[RenderableType]:
    """Return how to import real films."""
    return [
        Text("Now with real films, from TMDB (a key is free):", style="bold"),
        Text("  https://www.themoviedb.org/settings/api"),
        *_activation(),
        Text("  export TMDB_API_KEY=...      the read access token"),
        Text("  cinegraph up                 database and worker; Ctrl-C stops"),
        Text("And in a second terminal:", style="bold"),
        *_activation(),
        Text("  export TMDB_API_KEY=...      the same"),
        Text("  cinegraph import popular --wait"),
    ]


def _activation() -> list[Text]:
    """Return the line without which a shell does not find `cinegraph`, where it is needed."""
    script = Path(sys.prefix) / "bin" / "activate"
    if shutil.which("cinegraph") is not None or not script.is_file():
        return []
    return [Text(f"  source {shlex.quote(str(script))}", no_wrap=True)]
