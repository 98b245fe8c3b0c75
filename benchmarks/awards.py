"""
Awards against an imitation whose truth is known: how much of real files is stored and linked, and how much rightly.

`python benchmarks/awards.py [--data FOLDER] [--only NAME] [--fault NAME=SHARE]`. The sandbox invents a film and its
people for every id of the nominations table, as imperfectly as TMDB (`cinegraph.sandbox.awards.imperfections`); that
mapping is the truth. Through real jobs over real sockets are imported: all ceremonies (`all`, some nine minutes); one
at the default budget (`chain`); the saved page of it alone, which has no ids, and the table after it (`page`); event
files (`events`). Every link is held against the truth. What the files say is counted beside, with no reader of ours.
"""

import argparse
import asyncio
import csv
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import harness
import psutil
import psycopg
import yaml

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sandbox import (
    AwardedWorld,
    Imperfections,
    SandboxSettings,
    World,
    start_child,
)
from cinegraph.sandbox.child import ChildSandbox

FILMS, SEED, YEAR = 2_000, 1, 2024
"""Of the invented world beneath, of which nothing is asked; and the ceremony that is looked at alone."""
DEFAULT_BUDGET = 39.0
_MOST_MISSED = 10
_EARLY = 20
_LINKS = """
SELECT film.imdb_id, nominee.imdb_ids, people.tmdb_id, nominee.found_by
FROM nomination_people AS nominee
LEFT JOIN nomination_films AS film ON film.nomination_id = nominee.nomination_id AND film.position = 0
LEFT JOIN people ON people.id = nominee.person_id
WHERE nominee.kind = 'person' AND nominee.imdb_ids <> '{}'
"""
_FILMS = """
SELECT DISTINCT film.imdb_id, movies.tmdb_id
FROM nomination_films AS film
LEFT JOIN movies ON movies.id = film.movie_id
WHERE film.imdb_id IS NOT NULL
"""
_COMPETITIVE = """
SELECT count(*), count(DISTINCT nomination.category_id), count(DISTINCT nomination.movie_id)
FROM festival_nominations AS nomination
INNER JOIN festival_categories AS category ON category.id = nomination.category_id AND category.is_competitive
"""
_TITLED = """
SELECT film.title, movies.tmdb_id
FROM festival_nominations AS nomination
INNER JOIN nomination_films AS film ON film.nomination_id = nomination.id AND film.position = 0
LEFT JOIN movies ON movies.id = film.movie_id
"""
_SAID = """
SELECT ceremony.year, statement.body ->> 'category_class', statement.body ->> 'category',
    statement.body -> 'films' -> 0 ->> 'imdb_id', statement.body ->> 'is_winner'
FROM nomination_statements AS statement
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = statement.ceremony_id
WHERE statement.withdrawn_at IS NULL
"""


class Bench:
    """One run of scenarios: files, a server, an imitation."""

    def __init__(
        self, data: Path, server: str, sandbox: ChildSandbox, home: Path
    ) -> None:
        self.table = data / "oscars.csv"
        self.page = data / "oscars_org_2024.html.gz"
        self.events = data / "imdb_events"
        self.server, self.sandbox, self.home = server, sandbox, home
        self.truth = AwardedWorld(World(FILMS, SEED), self.table.read_bytes()).truth
        self.url = ""

    @asynccontextmanager
    async def open(self, *, budget: float = 0.0) -> AsyncIterator[Cinegraph]:
        """Open an empty deployment, with a node where something is to be fetched."""
        self.url = harness.fresh_database(self.server, "awards")
        async with (
            cinegraph.open(
                database_url=self.url,
                home=self.home,
                tmdb_base_url=self.sandbox.base_url,
                tmdb_exports_url=self.sandbox.exports_url,
                omdb_base_url=self.sandbox.omdb_url,
                oscars_url=str(self.table),
                profile="prod",
                log_level="error",
                tmdb_requests_per_second=budget,
            ) as c,
            c.work(),
        ):
            yield c

    def read(self, query: str) -> list[Any]:
        """Return what a query finds."""
        with psycopg.connect(self.url) as conn:
            return conn.execute(query.encode()).fetchall()


memory: list[tuple[int, int]] = []
"""Editions stored, and bytes of this process, the worker, at each look."""


async def follow(c: Cinegraph, run_id: int) -> tuple[RunProgress, float | None, float]:
    """Wait for a run; return it, and after how many seconds its editions and all of it were done."""
    started = time.monotonic()
    stored: list[float] = []
    process = psutil.Process()

    def look(run: RunProgress) -> None:
        editions = run.stages.get("edition", {})
        memory.append((editions.get("done", 0), process.memory_info().rss))
        if not stored and editions and not editions.keys() & {"open", "waiting"}:
            stored.append(time.monotonic() - started)

    run = await c.wait_for_run(run_id, on_progress=look)
    return run, stored[0] if stored else None, time.monotonic() - started


async def measure_all(bench: Bench) -> dict[str, object]:
    """Import all ceremonies."""
    async with bench.open() as c:
        memory.clear()
        imported = await c.import_festival("oscars", every=True)
        run, stored, seconds = await follow(c, imported.run_id)
    early = next((rss for done, rss in memory if done >= _EARLY), 0)
    return {
        "run": run.state,
        "worker MiB after 20 editions, all editions, at most": tuple(
            rss // 2**20
            for rss in (
                early,
                max(rss for _, rss in memory[: len(memory) // 10]),
                max(rss for _, rss in memory),
            )
        ),
        "in the file": count_table(bench.table),
        "nominations stored": bench.read("SELECT count(*) FROM festival_nominations")[
            0
        ][0],
        "stored and planned after s (asked: 60)": stored,
        "all after s": seconds,
        **compare_films(bench),
        **compare_people(bench),
    }


async def measure_chain(bench: Bench) -> dict[str, object]:
    """Import one ceremony at the default budget."""
    async with bench.open(budget=DEFAULT_BUDGET) as c:
        imported = await c.import_festival("oscars", year=YEAR)
        run, _, seconds = await follow(c, imported.run_id)
    return {
        "run": run.state,
        "after s (asked: 60)": seconds,
        "competitive nominations, categories, films (asked: 120, 23, 53)": bench.read(
            _COMPETITIVE
        )[0],
        **compare_films(bench),
        **compare_people(bench),
    }


async def measure_page(bench: Bench) -> dict[str, object]:
    """Import the saved page alone, then the table."""
    async with bench.open() as c:
        alone = await c.import_awards_file("oscars", bench.page)
        await follow(c, alone.run_id or 0)
        right, wrong = compare_titles(bench, bench.read(_TITLED))
        found = Counter(
            row[0] for row in bench.read("SELECT found_by FROM nomination_films")
        )
        merged = await c.import_awards_file("oscars", bench.table, year=YEAR)
        await follow(c, merged.run_id or 0)
    return {
        "nominations with the right film, the wrong one (asked: 115, 0)": (
            right,
            wrong,
        ),
        "found by": dict(found),
        "competitive nominations with the table (asked: 120, 23, 53)": bench.read(
            _COMPETITIVE
        )[0],
        **compare_people(bench),
    }


async def measure_events(bench: Bench) -> dict[str, object]:
    """Store event files whole, and count them without our reader."""
    told: dict[str, object] = {}
    async with bench.open() as c:
        festivals = {each.imdb_event_id: each.key for each in await c.list_festivals()}
        for file in sorted(bench.events.glob("ev0*.yml")):
            key = festivals[file.stem]
            await c.import_awards_file(key, file, fetches=False)
            said = Counter(
                (*told_of, won == "true") for *told_of, won in bench.read(_SAID)
            )
            wanted = count_event(file)
            told[f"{key}: said, lost, doubled or invented"] = (
                sum(wanted.values()),
                sum((wanted - said).values()),
                sum((said - wanted).values()),
            )
            with psycopg.connect(bench.url, autocommit=True) as conn:
                conn.execute("DELETE FROM festival_ceremonies")
    return told


def count_table(path: Path) -> dict[str, int]:
    """Count what the table says."""
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    films = {one for row in rows for one in (row["FilmId"] or "").split("|")}
    people = [
        one.strip()
        for row in rows
        for cell in (row["NomineeIds"] or "").split("|")
        for one in cell.split(",")
    ]
    return {
        "ceremonies": len({row["Ceremony"] for row in rows}),
        "nominations": len(rows),
        "films": sum(one.startswith("tt") for one in films),
        "people": len({one for one in people if one.startswith("nm")}),
    }


def count_event(path: Path) -> Counter[tuple[Any, ...]]:
    """Return each mention of a title in an event's file: year, award, category, title, whether it won."""
    told: Counter[tuple[Any, ...]] = Counter()
    for edition, awards in yaml.safe_load(path.read_text()).items():
        for award, categories in (awards or {}).items():
            for category, named in (categories or {}).items():
                won = set((named or {}).get("winner") or ())
                for title in {*((named or {}).get("nominee") or ()), *won}:
                    year = int(str(edition).split("-")[0])
                    told[year, award, category, title, title in won] += 1
    return told


def compare_films(bench: Bench) -> dict[str, object]:
    """Hold films against the truth."""
    rows, truth = bench.read(_FILMS), bench.truth
    upstream = [(id_, found) for id_, found in rows if id_ in truth.films]
    return {
        "films named, upstream, right (asked: all)": (
            len(rows),
            len(upstream),
            sum(found == truth.films[id_] for id_, found in upstream),
        ),
        "films wrong": sum(
            found is not None and found != truth.films.get(id_) for id_, found in rows
        ),
    }


def compare_people(bench: Bench) -> dict[str, object]:
    """Hold nominees against the truth; one name with several ids counts as right for any of them."""
    linkable = linked = right = wrong = 0
    stages: Counter[str] = Counter()
    missed = []
    for film_id, imdb_ids, found, found_by in bench.read(_LINKS):
        link = bench.truth.links.get((film_id, imdb_ids[0]))
        is_linkable = (
            imdb_ids[0] in bench.truth.findable if link is None else link.is_linkable
        )
        is_right = found in {bench.truth.people.get(one) for one in imdb_ids} - {None}
        linkable += is_linkable
        linked += found is not None
        right += is_linkable and is_right
        wrong += found is not None and not is_right
        stages[found_by] += found is not None
        if is_linkable and not is_right:
            missed.append(f"{film_id} {imdb_ids[0]}")
    return {
        "nominees linkable, right, share (asked: 0.98)": (
            linkable,
            right,
            round(right / max(linkable, 1), 4),
        ),
        "nominees wrong, share of linked (asked: 0.002)": (
            wrong,
            round(wrong / max(linked, 1), 5),
        ),
        "nominees found by": dict(+stages),
        "missed or wrong": missed[:_MOST_MISSED],
    }


def compare_titles(bench: Bench, rows: Iterable[Any]) -> tuple[int, int]:
    """Return how many nominations have the film that the table has under that title, and how many another."""
    csv.field_size_limit(10_000_000)
    with bench.table.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ids = {
            _bare(title): id_
            for row in table
            if row["Ceremony"] == str(YEAR - 1928)
            for title, id_ in zip(
                (row["Film"] or "").split("|"),
                (row["FilmId"] or "").split("|"),
                strict=False,
            )
        }
    right = wrong = 0
    for title, found in rows:
        wanted = bench.truth.films.get(ids.get(_bare(title), ""))
        right += found is not None and found == wanted
        wrong += found is not None and wanted is not None and found != wanted
    return right, wrong


def _bare(title: str) -> str:
    return "".join(char for char in title.casefold() if char.isalnum())


SCENARIOS = {
    "events": measure_events,
    "chain": measure_chain,
    "page": measure_page,
    "all": measure_all,
}


async def measure(options: argparse.Namespace) -> dict[str, dict[str, object]]:
    """Run the scenarios that were asked for."""
    settings = SandboxSettings(
        films=FILMS,
        seed=SEED,
        awards=options.data / "oscars.csv",
        port=0,
        rate=0,
        latency=options.latency,
        faults=dict(_fault(one) for one in options.fault),
    )
    figures: dict[str, dict[str, object]] = {}
    with (
        start_child(settings) as sandbox,
        harness.postgres() as server,
        tempfile.TemporaryDirectory() as home,
    ):
        bench = Bench(options.data, server, sandbox, Path(home))
        figures["truth"] = {**bench.truth.counts(), "shares": asdict(Imperfections())}
        harness.show("truth", ("", ""), list(map(_row, figures["truth"].items())))
        for name in options.only or SCENARIOS:
            figures[name] = await SCENARIOS[name](bench)
            harness.show(name, ("", ""), list(map(_row, figures[name].items())))
    return figures


def _row(figure: tuple[str, object]) -> Sequence[object]:
    name, value = figure
    told = ", ".join(map(str, value)) if isinstance(value, tuple | list) else value
    return name, told


def _fault(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    return name, float(share)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[1] if __doc__ else ""
    )
    parser.add_argument("--data", type=Path, default=harness.DATA / "awards")
    parser.add_argument("--only", action="append", choices=list(SCENARIOS))
    parser.add_argument("--latency", default="none")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=SHARE")
    options = parser.parse_args()
    if not (options.data / "oscars.csv").is_file():
        print(f"left out: no recorded awards in {options.data}; give --data FOLDER")
        return
    harness.save("awards", asyncio.run(measure(options)))


if __name__ == "__main__":
    main()
