"""The chain of an import of awards: source, editions, films, people, each in jobs of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from cinegraph import clock
from cinegraph.errors import UsageError
from cinegraph.festivals import lookups
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.following_awards import FollowAwards, FollowAwardsArgs
from cinegraph.jobs.lookups import find_job
from cinegraph.sandbox import Body, InventedContent, World
from cinegraph.sandbox.content import pack
from deployments import Deploy, Deployment
from nominations import ceremony_rows, nominated_films, write_table

FILMS = 8
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return where the nominations table lies."""
    return tmp_path / "oscars.csv"


@pytest.fixture
async def deployment(
    deploy_here: Deploy, world: World, table: Path
) -> AsyncIterator[Deployment]:
    """Return an open deployment whose nominations table is a file."""
    write_table(table, ceremony_rows(world, nominated_films(world, FILMS)))
    async with deploy_here(
        content=InventedContent(world), oscars_url=str(table)
    ) as opened:
        yield opened


async def test_a_ceremony_ends_with_films_and_people_linked(
    deployment: Deployment,
) -> None:
    """Every arrow of the chain is a job; the run counts each stage."""
    started = await deployment.c.import_oscar_year(2024)
    assert (started.year, started.status) == (2024, "queued")
    assert await deployment.fetch("SELECT id FROM festival_ceremonies") == [
        started.ceremony_id
    ]

    run = await deployment.finish(started.run_id)

    assert run.state == "completed", run
    films = nominated_films(deployment.world, FILMS)
    rows = ceremony_rows(deployment.world, films)
    assert {kind: sum(states.values()) for kind, states in run.stages.items()} == {
        "festival": 1,
        "edition": 1,
        "find": FILMS,
        "movie": FILMS,
        "collaborations": FILMS,
        "person": len({row["NomineeIds"] for row in rows} - {"?"}),
    }
    shown = await deployment.c.show_edition("oscars", 2024)
    assert len(shown) == len(rows)
    assert {each.films[0].tmdb_id for each in shown} == {f.tmdb_id for f in films}
    for each in shown:
        movie = deployment.world.movie(each.films[0].tmdb_id or 0)
        assert movie is not None
        [nominee] = each.nominees
        assert nominee.tmdb_id in {person.tmdb_id for person in movie.people}
    found_by = await deployment.fetch(
        "SELECT found_by, count(*) FROM nomination_people WHERE imdb_ids <> '{}' GROUP BY 1"
    )
    assert {row[0] for row in found_by} <= {"credits", "find", "imdb_id"}
    assert "credits" in {row[0] for row in found_by}


PARENTS = {
    ("ImportFestival", None),
    ("DiscoverCeremony", "ImportFestival"),
    ("FindMovie", "DiscoverCeremony"),
    ("ImportMovie", "FindMovie"),
    ("EnrichMovie", "ImportMovie"),
    ("ImportPerson", "ImportMovie"),
}


async def test_the_jobs_are_a_tree(deployment: Deployment) -> None:
    """Each follows from the one that wrote what it works on; the first is the root of all."""
    started = await deployment.c.import_oscar_year(2024)
    await deployment.finish(started.run_id)

    pairs = await deployment.fetch(
        "SELECT DISTINCT split_part(job.worker, '.', 4), split_part(parent.worker, '.', 4) FROM oban_jobs AS job"
        " LEFT JOIN oban_jobs AS parent ON parent.id = (job.meta ->> 'parent_id')::bigint"
        " WHERE job.meta ->> 'run_id' = %s",
        [str(started.run_id)],
    )
    roots = await deployment.fetch(
        "SELECT DISTINCT coalesce((meta ->> 'root_id')::bigint, id) FROM oban_jobs WHERE meta ->> 'run_id' = %s",
        [str(started.run_id)],
    )
    films = await deployment.fetch(
        "SELECT DISTINCT tmdb_id, import_state, collaborations_state FROM festival_run_films WHERE run_id = %s",
        [started.run_id],
    )

    assert set(pairs) == PARENTS
    assert roots == [started.job_id]
    assert len(films) == FILMS
    assert {row[1:] for row in films} == {("done", "done")}


async def test_a_second_import_changes_nothing(deployment: Deployment) -> None:
    """Not one nomination, film, person or request more."""
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)
    tables = (
        "festival_nominations",
        "nomination_films",
        "nomination_people",
        "nomination_statements",
        "festival_lookups",
    )
    queries = [
        SQL(
            "SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {} AS t"
        ).format(Identifier(name))
        for name in tables
    ]
    before = [await deployment.fetch(query) for query in queries]

    second = await deployment.c.import_oscar_year(2024)
    run = await deployment.finish(second.run_id)

    assert run.state == "completed"
    assert second.ceremony_id == first.ceremony_id
    assert [await deployment.fetch(query) for query in queries] == before


async def test_the_night_is_followed(
    deployment: Deployment, world: World, table: Path
) -> None:
    """Imported before it, nobody has won or lost; after it, the right ones, under the same ids."""
    films = nominated_films(world, FILMS)
    write_table(table, ceremony_rows(world, films, winner=None))
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)
    before = await deployment.c.show_edition("oscars", 2024)
    assert {each.is_winner for each in before} == {None}

    write_table(table, ceremony_rows(world, films, winner=3))
    again = await deployment.c.import_oscar_year(2024)
    await deployment.finish(again.run_id)

    after = await deployment.c.show_edition("oscars", 2024)
    assert {each.id for each in after} == {each.id for each in before}
    assert {each.films[0].tmdb_id for each in after if each.is_winner} == {
        films[3].tmdb_id
    }
    assert {each.is_winner for each in after} == {True, False}


async def test_a_year_without_a_ceremony_says_so(deployment: Deployment) -> None:
    """The run fails with the years there are, and leaves no edition behind."""
    started = await deployment.c.import_oscar_year(1933)
    run = await deployment.finish(started.run_id)

    assert run.state == "failed"
    assert "knows no edition of oscars held in 1933" in (run.note or "")
    assert await deployment.fetch("SELECT count(*) FROM festival_ceremonies") == [0]


async def test_a_source_that_is_not_switched_on_is_refused(
    deployment: Deployment,
) -> None:
    """At once, with what to do."""
    with pytest.raises(UsageError, match="oscars_org"):
        await deployment.c.import_festival("oscars", source="oscars_org")


async def test_a_person_decides_and_it_stays(
    deployment: Deployment, world: World, table: Path
) -> None:
    """A nominee without an id in no credits is listed with reason; who is linked stays so through another import."""
    films = nominated_films(world, FILMS)
    rows = ceremony_rows(world, films)
    rows[0] |= {"Name": "Nobody Known", "Nominees": "Nobody Known", "NomineeIds": "?"}
    write_table(table, rows)
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)

    found, total = await deployment.c.list_unresolved("oscars", year=2024)
    assert total == len(found)
    [nobody] = [each for each in found if each.name == "Nobody Known"]
    assert nobody.reason == (
        "nobody of that name is in the film's credits; the source has no IMDb id"
    )
    stranger = world.people.by_number(400).tmdb_id

    decided = await deployment.c.link_nominated(nobody.reference, stranger)
    again = await deployment.c.import_oscar_year(2024)
    await deployment.finish(again.run_id)

    assert (decided.tmdb_id, decided.is_locked) == (stranger, True)
    assert decided.linked == world.people.by_number(400).name
    shown = await deployment.c.show_edition("oscars", 2024)
    by_name = {each.nominees[0].name: each.nominees[0] for each in shown}
    assert by_name["Nobody Known"].tmdb_id == stranger
    assert by_name["Nobody Known"].is_locked

    unlocked = await deployment.c.lock_nominated(nobody.reference, is_locked=False)
    assert not unlocked.is_locked


async def test_a_film_that_is_unlinked_stays_so(deployment: Deployment) -> None:
    """The id still says which film it is; the person says otherwise. Unlocked, the id counts again."""
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)
    [shown, *_] = await deployment.c.show_edition("oscars", 2024)
    reference = f"{shown.id}f1"

    await deployment.c.unlink_nominated(reference)
    again = await deployment.c.import_oscar_year(2024)
    await deployment.finish(again.run_id)

    after = {each.id: each for each in await deployment.c.show_edition("oscars", 2024)}
    assert after[shown.id].films[0].tmdb_id is None
    await deployment.c.lock_nominated(reference, is_locked=False)
    locked = await deployment.c.lock_nominated(reference)
    assert locked.linked is not None
    assert locked.linked.startswith(f"{shown.films[0].title} (")
    after = {each.id: each for each in await deployment.c.show_edition("oscars", 2024)}
    assert after[shown.id].films[0].tmdb_id == shown.films[0].tmdb_id


@pytest.mark.parametrize("reference", ["", "f1", "12x", "12f0", "0x1", "-1f1"])
async def test_what_is_no_reference_is_told(
    deployment: Deployment, reference: str
) -> None:
    """With how references look."""
    with pytest.raises(UsageError, match="names no film or nominee"):
        await deployment.c.unlink_nominated(reference)


async def test_a_reference_to_nothing_is_told(deployment: Deployment) -> None:
    """And nothing is changed."""
    with pytest.raises(UsageError, match="there is no 99f1"):
        await deployment.c.lock_nominated("99f1")


async def test_consumers_are_told_of_nominations(
    deployment: Deployment, world: World, table: Path
) -> None:
    """The films and people of nominations that were won or taken back; an import that says the same is no news."""
    films = nominated_films(world, FILMS)
    write_table(table, ceremony_rows(world, films, winner=None))
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)

    async def told() -> set[tuple[str, int]]:
        # Whoever follows reads positions; here all that have none yet are looked at.
        rows = await deployment.fetch(
            "SELECT kind, unnest(entity_ids) FROM change_entries WHERE fields = '{nominations}'"
            " UNION SELECT kind, entity_id FROM change_log WHERE fields = '{nominations}'"
        )
        return set(rows)

    async def forget() -> None:
        await deployment.fetch("DELETE FROM change_entries")
        await deployment.fetch("DELETE FROM change_log")

    ids = set(await deployment.fetch("SELECT id FROM movies"))
    people = set(
        await deployment.fetch(
            "SELECT DISTINCT person_id FROM nomination_people WHERE person_id IS NOT NULL"
        )
    )

    await forget()
    again = await deployment.c.import_oscar_year(2024)
    await deployment.finish(again.run_id)
    assert await told() == set()

    write_table(table, ceremony_rows(world, films, winner=2))
    night = await deployment.c.import_oscar_year(2024)
    await deployment.finish(night.run_id)
    # Nobody had won or lost before, so that this is news of all.
    assert await told() == {("movie", id_) for id_ in ids} | {
        ("person", id_) for id_ in people
    }

    await forget()
    write_table(table, ceremony_rows(world, films[1:], winner=1))
    correction = await deployment.c.import_oscar_year(2024)
    await deployment.finish(correction.run_id)
    [gone] = await deployment.fetch(
        "SELECT id FROM movies WHERE tmdb_id = %s", [films[0].tmdb_id]
    )
    assert gone in {id_ for kind, id_ in await told() if kind == "movie"}


async def test_everything_is_made_again_from_documents(
    deployment: Deployment,
) -> None:
    """Awards and people too: nothing differs, and what was lost or spoilt comes back without a request."""
    started = await deployment.c.import_oscar_year(2024)
    await deployment.finish(started.run_id)
    before = await deployment.c.show_edition("oscars", 2024)
    report = await deployment.c.check_parity()
    assert report.is_equal, report.differences

    await deployment.fetch("UPDATE festival_nominations SET is_winner = NULL")
    await deployment.fetch("DELETE FROM nomination_people")
    await deployment.fetch("DELETE FROM person_details")
    differing = await deployment.c.check_parity()
    assert {each.source for each in differing.differences} == {"oscars_table", "tmdb"}
    asked = deployment.sandbox.report()["requests"]

    rebuilt = await deployment.c.rebuild()

    assert rebuilt.state == "completed"
    assert deployment.sandbox.report()["requests"] == asked
    after = await deployment.c.show_edition("oscars", 2024)
    assert {each.id: each for each in after} == {each.id: each for each in before}
    assert (await deployment.c.check_parity()).is_equal


async def test_sources_that_contradict_each_other_are_shown(
    deployment: Deployment, world: World, tmp_path: Path
) -> None:
    """The person's own file is believed; what the table says stands beside it."""
    films = nominated_films(world, FILMS)
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)
    own = tmp_path / "own.csv"
    own.write_text(
        "year,category,film,imdb_id,winner\n"
        f"2024,DIRECTING,{films[3].title},{films[3].imdb_id},yes\n".replace('"', "")
    )

    told = await deployment.c.import_awards_file("oscars", own, fetches=False)

    assert told.new == 0
    shown = await deployment.c.show_edition("oscars", 2024)
    [corrected] = [each for each in shown if each.disagreements]
    assert corrected.is_winner
    assert corrected.said_by == ("own", "oscars_table")
    assert corrected.disagreements == ("won: own: yes; oscars_table: no",)


async def test_a_source_that_was_taken_back_stays_so(
    deployment: Deployment, world: World, tmp_path: Path
) -> None:
    """Neither rebuilding nor the daily look brings it again; an import on a person's word does."""
    films = nominated_films(world, FILMS)
    first = await deployment.c.import_oscar_year(2024)
    await deployment.finish(first.run_id)
    before = await deployment.c.show_edition("oscars", 2024)
    own = tmp_path / "own.csv"
    own.write_text(
        "year,category,film,imdb_id,winner\n"
        f"2024,DIRECTING,Mine,{films[3].imdb_id},yes\n2024,OTHER,Another,,\n"
    )
    await deployment.c.import_awards_file("oscars", own, fetches=False)

    for source in ("own", "oscars_table"):
        [done] = await deployment.c.withdraw_awards("oscars", source)
        await deployment.c.rebuild()

        assert done.gone
        if source == "own":
            assert await deployment.c.show_edition("oscars", 2024) == before
            assert (await deployment.c.check_parity()).is_equal
    with pytest.raises(UsageError, match="'own' says nothing of oscars"):
        await deployment.c.withdraw_awards("oscars", "own")

    await deployment.catch_up(MONDAY, FollowAwards.new(FollowAwardsArgs()))
    with pytest.raises(UsageError, match="nothing is known of oscars 2024"):
        await deployment.c.show_edition("oscars", 2024)

    again = await deployment.c.import_oscar_year(2024)
    await deployment.finish(again.run_id)
    assert len(await deployment.c.show_edition("oscars", 2024)) == len(before)


class Spoilt(InventedContent):
    """The invented world, but for one film that TMDB tells brokenly until it is mended."""

    broken: int | None = None

    def movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give a film."""
        return pack(b"{}") if tmdb_id == self.broken else super().movie(tmdb_id, parts)


async def test_a_film_that_fails_holds_up_nothing_and_is_tried_alone(
    deploy_here: Deploy, world: World, table: Path
) -> None:
    """All others are linked; mended, `runs retry` fetches that one, and its nominations complete themselves."""
    films = nominated_films(world, FILMS)
    write_table(table, ceremony_rows(world, films))
    content = Spoilt(world)
    content.broken = films[0].tmdb_id
    async with deploy_here(content=content, oscars_url=str(table)) as deployment:
        started = await deployment.c.import_oscar_year(2024)
        run = await deployment.finish(started.run_id)
        shown = await deployment.c.show_edition("oscars", 2024)
        unknown = {each.films[0].title for each in shown if not each.films[0].tmdb_id}
        assert run.quarantined + run.failed == 1
        assert unknown == {films[0].title}
        found, _ = await deployment.c.list_unresolved("oscars")
        assert any("not imported yet" in each.reason for each in found)

        content.broken = None
        assert await deployment.c.retry_run(started.run_id) == 1
        run = await deployment.finish(started.run_id)

        assert (run.state, run.done) == ("completed", FILMS)
        shown = await deployment.c.show_edition("oscars", 2024)
        assert all(each.films[0].tmdb_id for each in shown)
        assert all(nominee.tmdb_id for each in shown for nominee in each.nominees)


async def test_a_second_run_waits_for_the_lookups_of_the_first(
    deployment: Deployment,
) -> None:
    """The jobs are the first one's; the films are both's, and neither ends before they are there."""
    first = await deployment.c.import_festival("oscars", every=True)
    second = await deployment.c.import_oscar_year(2024)

    one = await deployment.finish(first.run_id)
    other = await deployment.finish(second.run_id)

    assert (one.state, other.state) == ("completed", "completed")
    assert (one.done, other.done) == (FILMS, FILMS)


async def test_a_lookup_whose_run_was_ended_is_gone_on_with(
    deployment: Deployment,
) -> None:
    """The job is tried again by hand: the film is fetched, though no run waits for it."""
    started = await deployment.c.import_oscar_year(2024)
    async with deployment.work(queues={"festivals": 1}):
        await deployment.until(
            "SELECT least(count(*), 4) FROM festival_lookups WHERE state = 'found'", 4
        )
    await deployment.c.cancel_run(started.run_id)
    await deployment.fetch(
        "UPDATE festival_lookups SET asked_at = asked_at - interval '2 days'"
    )

    now = clock.now()
    async with deployment.c._app.pool.connection() as conn, conn.transaction():
        overdue = await lookups.take_overdue(conn, now=now, limit=100)
        await insert_jobs(conn, [find_job(id_, None) for id_, _ in overdue])
    async with deployment.work():
        await deployment.until("SELECT count(*) FROM movies", FILMS)

    shown = await deployment.c.show_edition("oscars", 2024)
    assert all(each.films[0].tmdb_id for each in shown)


async def test_another_film_has_other_people(
    deployment: Deployment, world: World, table: Path
) -> None:
    """Whom the credits of a wrong film named is nobody any more once it is put right."""
    films = nominated_films(world, FILMS + 1)
    rows = ceremony_rows(world, films[:1])
    for row in rows:
        row["NomineeIds"] = "?"
    write_table(table, rows)
    started = await deployment.c.import_oscar_year(2024)
    await deployment.finish(started.run_id)
    [shown, *_] = await deployment.c.show_edition("oscars", 2024)
    assert shown.nominees[0].tmdb_id is not None

    await deployment.c.link_nominated(f"{shown.id}f1", films[FILMS].tmdb_id)

    [after] = [
        each
        for each in await deployment.c.show_edition("oscars", 2024)
        if each.id == shown.id
    ]
    assert after.films[0].tmdb_id == films[FILMS].tmdb_id
    assert after.nominees[0].tmdb_id is None


async def test_unlocking_undoes_a_persons_link(
    deployment: Deployment, world: World, table: Path
) -> None:
    """It is found anew: here in the credits."""
    rows = ceremony_rows(world, nominated_films(world, 1))
    for row in rows:
        row["NomineeIds"] = "?"
    write_table(table, rows)
    started = await deployment.c.import_oscar_year(2024)
    await deployment.finish(started.run_id)
    [before, *_] = await deployment.c.show_edition("oscars", 2024)
    reference = f"{before.id}p1"
    await deployment.c.link_nominated(reference, world.people.by_number(400).tmdb_id)

    await deployment.c.lock_nominated(reference, is_locked=False)

    [after, *_] = await deployment.c.show_edition("oscars", 2024)
    assert after.nominees == before.nominees


async def test_a_film_that_moved_at_tmdb_is_asked_for_anew(
    deploy_here: Deploy, world: World, table: Path
) -> None:
    """Found and then denied: the next import asks again, and finds where the id is now."""
    films = nominated_films(world, FILMS)
    write_table(table, ceremony_rows(world, films[:2]))
    content = Gone(world)
    content.gone = films[0].tmdb_id
    async with deploy_here(content=content, oscars_url=str(table)) as deployment:
        first = await deployment.c.import_oscar_year(2024)
        await deployment.finish(first.run_id)
        found, _ = await deployment.c.list_unresolved("oscars")
        assert f"TMDB found film {films[0].tmdb_id} and has it no longer" in {
            each.reason for each in found
        }

        content.gone = None
        again = await deployment.c.import_oscar_year(2024)
        await deployment.finish(again.run_id)

        shown = await deployment.c.show_edition("oscars", 2024)
        assert all(each.films[0].tmdb_id for each in shown)


class Gone(InventedContent):
    """The invented world, but for one film that `/find` knows and `/movie` denies."""

    gone: int | None = None

    def movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give a film."""
        return None if tmdb_id == self.gone else super().movie(tmdb_id, parts)
