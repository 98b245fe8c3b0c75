"""
Awards against an imitation whose truth is known: how much of a nominations table is stored, linked, and rightly so.

`python benchmarks/awards.py TABLE [--year Y] [--faults F] [--rate R]`. The sandbox invents a film and its people for every
id of the table, as imperfectly as TMDB (`cinegraph.sandbox.awards.imperfections`); that mapping is the truth. Then all
ceremonies, or one, are imported through real jobs over real sockets, and every link is held against it. What the table
says is counted beside, with no code of ours.
"""

import argparse
import asyncio
import csv
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import harness

import cinegraph
from cinegraph.sandbox import AwardedWorld, SandboxSettings, World, start_child

FILMS, SEED = 2_000, 1
"""Of the invented world beneath: only the table's films are asked for."""
_LINKS = """
SELECT film.imdb_id, movies.tmdb_id, nominee.imdb_ids, people.tmdb_id, nominee.found_by
FROM nomination_people AS nominee
INNER JOIN festival_nominations AS nomination ON nomination.id = nominee.nomination_id
LEFT JOIN nomination_films AS film ON film.nomination_id = nominee.nomination_id AND film.position = 0
LEFT JOIN movies ON movies.id = film.movie_id
LEFT JOIN people ON people.id = nominee.person_id
WHERE nominee.kind = 'person'
"""
_FILMS = """
SELECT DISTINCT film.imdb_id, movies.tmdb_id
FROM nomination_films AS film
LEFT JOIN movies ON movies.id = film.movie_id
WHERE film.imdb_id IS NOT NULL
"""


def count_table(path: Path) -> dict[str, int]:
    """Count what the table says, independently of the product's own reader."""
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    films = {
        one
        for row in rows
        for one in (row["FilmId"] or "").split("|")
        if one.startswith("tt")
    }
    people = [
        one
        for row in rows
        for cell in (row["NomineeIds"] or "").split("|")
        for one in cell.split(",")
        if one.strip().startswith("nm")
    ]
    return {
        "ceremonies": len({row["Ceremony"] for row in rows}),
        "nominations": len(rows),
        "films": len(films),
        "people_named": len(people),
        "people": len({one.strip() for one in people}),
    }


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Import, then compare."""
    truth = AwardedWorld(World(FILMS, SEED), options.table.read_bytes()).truth
    settings = SandboxSettings(
        films=FILMS,
        seed=SEED,
        awards=options.table,
        port=0,
        rate=options.rate,
        latency=options.latency,
        faults=dict(options.faults),
    )
    found: dict[str, Any] = {"table": count_table(options.table), "truth": truth.counts()}
    with (
        start_child(settings) as sandbox,
        harness.postgres() as server,
        tempfile.TemporaryDirectory() as home,
    ):
        url = harness.fresh_database(server, "awards")
        async with cinegraph.open(
            database_url=url,
            home=Path(home),
            tmdb_base_url=sandbox.base_url,
            tmdb_exports_url=sandbox.exports_url,
            omdb_base_url=sandbox.omdb_url,
            oscars_url=str(options.table),
            profile=options.profile,
            log_level="warning",
            **options.budget,
        ) as c:
            started = time.monotonic()
            imported = await c.import_festival(
                "oscars", year=options.year, every=options.year is None
            )
            async with c.work():
                stored_after: list[float] = []

                def look(run: Any) -> None:  # noqa: ANN401 - progress
                    editions = run.stages.get("edition", {})
                    if (
                        not stored_after
                        and editions
                        and set(editions) <= {"done", "failed"}
                    ):
                        stored_after.append(time.monotonic() - started)

                run = await c.wait_for_run(imported.run_id, on_progress=look)
            found["seconds"] = {
                "stored_and_planned": round(stored_after[0], 1) if stored_after else None,
                "all": round(time.monotonic() - started, 1),
            }
            found["run"] = {"state": run.state, "note": run.note, "stages": run.stages}
            async with c._app.pool.connection() as conn:
                links = await (await conn.execute(_LINKS)).fetchall()
                films = await (await conn.execute(_FILMS)).fetchall()
                [(nominations,)] = await (
                    await conn.execute("SELECT count(*) FROM festival_nominations")
                ).fetchall()
        found["requests"] = sandbox.report()["requests"]
    found["stored"] = {"nominations": nominations, "films": len(films)}
    found["films"] = compare_films(films, truth)
    found["people"] = compare_people(links, truth)
    return found


def compare_films(rows: list[Any], truth: Any) -> dict[str, Any]:  # noqa: ANN401
    """Hold the films against the truth."""
    upstream = [(id_, tmdb) for id_, tmdb in rows if id_ in truth.films]
    right = sum(tmdb == truth.films[id_] for id_, tmdb in upstream)
    wrong = sum(
        tmdb is not None and tmdb != truth.films.get(id_) for id_, tmdb in rows
    )
    return {"upstream": len(upstream), "right": right, "wrong": wrong}


def compare_people(rows: list[Any], truth: Any) -> dict[str, Any]:  # noqa: ANN401
    """Hold the nominees against the truth; those with several ids count for the first."""
    linkable = right = wrong = unlinkable_linked = linked = 0
    stages: dict[str, int] = {}
    missed: list[Any] = []
    for film_id, _, imdb_ids, tmdb_id, found_by in rows:
        if not imdb_ids:
            continue
        people = {truth.people.get(one) for one in imdb_ids}
        link = truth.links.get((film_id, imdb_ids[0]))
        is_linkable = (
            link.is_linkable if link is not None else imdb_ids[0] in truth.findable
        )
        linkable += is_linkable
        if tmdb_id is not None:
            linked += 1
            stages[found_by] = stages.get(found_by, 0) + 1
            if tmdb_id in people:
                right += is_linkable
                unlinkable_linked += not is_linkable
            else:
                wrong += 1
        elif is_linkable and len(missed) < 20:
            missed.append((film_id, imdb_ids))
    return {
        "named_with_id": sum(bool(row[2]) for row in rows),
        "linkable": linkable,
        "linked": linked,
        "right": right,
        "right_share": round(right / linkable, 4) if linkable else None,
        "wrong": wrong,
        "wrong_share": round(wrong / linked, 5) if linked else None,
        "found_by": stages,
        "missed": missed,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="a nominations table")
    parser.add_argument("--year", type=int, help="only what was held then")
    parser.add_argument("--profile", choices=["dev", "prod"], default="prod")
    parser.add_argument("--latency", default="none")
    parser.add_argument("--rate", type=int, default=0, help="of the imitation; 0: no limit")
    parser.add_argument("--budget", type=float, help="requests a second; default: none")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=SHARE")
    options = parser.parse_args()
    options.faults = [
        (name, float(share)) for name, _, share in (one.partition("=") for one in options.fault)
    ]
    options.budget = {
        "tmdb_requests_per_second": 0 if options.budget is None else options.budget
    }
    json.dump(asyncio.run(measure(options)), sys.stdout, indent=2, default=str)
    print()


if __name__ == "__main__":
    main()
