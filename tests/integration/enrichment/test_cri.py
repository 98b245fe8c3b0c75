"""Scores in a database: alone as among all, made equal, explained, kept by version, told as changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import psycopg
import pytest

from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.cri import baselines as measuring
from cinegraph.enrichment.cri import sameness
from cinegraph.enrichment.cri.backtest import (
    EmptyListError,
    UnknownListError,
    run_backtest,
)
from cinegraph.enrichment.cri.comparing import (
    UnknownVersionError,
    compare_versions,
    list_versions,
)
from cinegraph.enrichment.cri.explaining import explain_film
from cinegraph.enrichment.cri.facts import (
    HeldOut,
    read_all_directed,
    read_facts,
    read_many_facts,
)
from cinegraph.enrichment.cri.formula import CURRENT
from cinegraph.enrichment.cri.scoring import GONE, Scores, score
from cinegraph.enrichment.cri.storing import (
    score_all,
    score_films,
)
from polling import until
from valuing import FILMS, add_list, add_nominations, fill

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
OTHER = msgspec.structs.replace(
    CURRENT,
    version="other",
    dimensions=tuple(
        msgspec.structs.replace(one, weight=0.2) for one in CURRENT.dimensions
    ),
)


class Catalogue:
    """A random catalogue, and shortcuts to it."""

    def __init__(self, pool: Pool, url: str) -> None:
        self.pool = pool
        self.url = url

    def fill(self, seed: int = 1) -> None:
        """Write films."""
        with psycopg.connect(self.url) as conn:
            fill(conn, seed)

    def write(self, query: str, *values: Any) -> None:
        """Change something."""
        with psycopg.connect(self.url) as conn:
            conn.execute(query.encode(), values)

    def read(self, query: str, *values: Any) -> list[Any]:
        """Return rows."""
        with psycopg.connect(self.url) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def rows(self) -> list[Any]:
        """Return every score with its writer."""
        return self.read(
            "SELECT xmin::text, s::text FROM cri_scores AS s ORDER BY movie_id"
        )

    def film(self) -> int:
        """Return a film that has votes and a score."""
        return int(
            self.read(
                "SELECT movie_id FROM cri_scores JOIN ratings USING (movie_id)"
                " WHERE score IS NOT NULL AND votes > 20 AND kind = 'user_score' ORDER BY 1 LIMIT 1"
            )[0][0]
        )

    async def score(self, *ids: int, now: datetime = NOW, **how: Any) -> Any:  # noqa: ANN401
        """Score some films."""
        async with self.pool.connection() as conn, conn.transaction():
            return await score_films(conn, ids, now=now, **how)


@pytest.fixture
def catalogue(pool: Pool, database_url: str) -> Catalogue:
    """Return an empty catalogue."""
    return Catalogue(pool, database_url)


@pytest.mark.parametrize("seed", range(4))
async def test_a_film_scores_alone_as_among_all(
    catalogue: Catalogue, seed: int
) -> None:
    """The same row to the last digit: score, confidence, dimensions, evidence, reason."""
    catalogue.fill(seed)
    done = await score_all(catalogue.pool, now=NOW, batch=17)
    among_all = catalogue.read("SELECT s::text FROM cri_scores AS s ORDER BY movie_id")
    catalogue.write("DELETE FROM cri_scores")

    for (movie_id,) in catalogue.read("SELECT id FROM movies"):
        await catalogue.score(movie_id)

    assert done.films == FILMS == len(among_all)
    assert 0 < done.impossible < FILMS / 2
    alone = catalogue.read("SELECT s::text FROM cri_scores AS s ORDER BY movie_id")
    assert alone == among_all


async def test_scoring_again_changes_no_row(catalogue: Catalogue) -> None:
    """Neither a pass nor a film; the times stand."""
    catalogue.fill()
    await score_all(catalogue.pool, now=NOW)
    before = catalogue.rows()

    assert (await score_all(catalogue.pool, now=LATER)).changed == 0
    ids = [row[0] for row in catalogue.read("SELECT id FROM movies")]
    assert (await catalogue.score(*ids, now=LATER)).changed == 0

    assert catalogue.rows() == before


async def test_the_first_film_measures_what_it_is_held_against(
    catalogue: Catalogue,
) -> None:
    """Where no pass has; the next film reads it, and a pass measures it anew."""
    catalogue.fill()
    ids = [row[0] for row in catalogue.read("SELECT id FROM movies ORDER BY 1")]
    await catalogue.score(ids[0])
    [(first, at)] = catalogue.read("SELECT baselines, measured_at FROM cri_baselines")
    catalogue.write("UPDATE ratings SET votes = votes * 100")
    await catalogue.score(ids[1], now=LATER)
    assert catalogue.read("SELECT baselines, measured_at FROM cri_baselines") == [
        (first, at)
    ]

    await score_all(catalogue.pool, now=LATER)

    [(second, at)] = catalogue.read("SELECT baselines, measured_at FROM cri_baselines")
    assert at == LATER
    assert second != first


async def test_a_gone_film_has_no_score_and_says_why(catalogue: Catalogue) -> None:
    """Until it returns."""
    catalogue.fill()
    await score_all(catalogue.pool, now=NOW)
    movie_id = catalogue.film()
    read = "SELECT score, impossible FROM cri_scores WHERE movie_id = %s"
    [(before, _)] = catalogue.read(read, movie_id)

    catalogue.write("UPDATE movies SET gone_at = now() WHERE id = %s", movie_id)
    await catalogue.score(movie_id)
    assert catalogue.read(read, movie_id) == [(None, GONE)]

    catalogue.write("UPDATE movies SET gone_at = NULL WHERE id = %s", movie_id)
    await catalogue.score(movie_id)
    assert catalogue.read(read, movie_id) == [(before, None)]


class TestChanges:
    """A score that moved by a tenth is a change of its film."""

    async def test_small_moves_are_told_to_nobody(self, catalogue: Catalogue) -> None:
        """But stored."""
        catalogue.fill()
        await score_all(catalogue.pool, now=NOW)
        movie_id = catalogue.film()
        entries = "SELECT entity_ids, action, changed_at FROM change_entries WHERE fields = '{cri_score}' ORDER BY id"
        [(told, action, at)] = catalogue.read(entries)
        assert (action, at) == ("changed", NOW)
        assert set(told) == {
            row[0]
            for row in catalogue.read(
                "SELECT movie_id FROM cri_scores WHERE score IS NOT NULL"
            )
        }

        stored = "SELECT score FROM cri_scores WHERE movie_id = %s"
        [(score_,)] = catalogue.read(stored, movie_id)
        near = round(score_, 1) + (0.04 if score_ <= round(score_, 1) else -0.04)
        catalogue.write("DELETE FROM change_entries")
        catalogue.write(
            "UPDATE cri_scores SET score = %s WHERE movie_id = %s", near, movie_id
        )
        assert catalogue.read(entries) == []

        catalogue.write(
            "UPDATE ratings SET votes = votes + 9000 WHERE movie_id = %s", movie_id
        )
        assert (await catalogue.score(movie_id, now=LATER)).changed == 1
        assert catalogue.read(entries) == [([movie_id], "changed", LATER)]

    async def test_a_pass_that_moves_thousands_is_one_entry(
        self, catalogue: Catalogue
    ) -> None:
        """Of many films at once, as of a list."""
        catalogue.write(
            "INSERT INTO movies (title, release_date, created_at, updated_at)"
            " SELECT 'Film', '1975-05-01', '2026-01-01', '2026-01-01' FROM generate_series(1, 1500)"
        )
        catalogue.write(
            "INSERT INTO ratings SELECT id, 'tmdb', 'user_score', 7, id, '2026-01-01' FROM movies"
        )
        await score_all(catalogue.pool, now=NOW)

        assert catalogue.read(
            "SELECT entity_ids, action FROM change_entries WHERE fields = '{cri_score}'"
        ) == [([None], "listed")]


class TestVersions:
    """Two versions of the formula can be compared."""

    async def test_the_earlier_score_is_kept(self, catalogue: Catalogue) -> None:
        """As it was last; a film that is scored by the earlier version again counts once."""
        catalogue.fill()
        await score_all(catalogue.pool, now=NOW)
        scored = catalogue.read("SELECT movie_id, score FROM cri_scores ORDER BY 1")
        scored = [row for row in scored if row[1] is not None]

        await score_all(catalogue.pool, now=LATER, formula=OTHER)
        await catalogue.score(scored[0][0])

        kept = "SELECT movie_id, score FROM cri_earlier_scores WHERE version = %s ORDER BY 1"
        assert catalogue.read(kept, CURRENT.version) == scored
        async with catalogue.pool.connection() as conn:
            versions = await list_versions(conn)
            same = await compare_versions(conn, "other", "other")
            found = await compare_versions(conn, CURRENT.version, "other", movers=3)
        assert [one.version for one in versions] == ["other", CURRENT.version]
        assert found.films == len(scored)
        assert found.correlation is not None
        assert 0.8 < found.correlation < 1
        assert len(found.movers) == 3
        apart = [abs(one.score_a - one.score_b) for one in found.movers]
        assert apart == sorted(apart, reverse=True)
        assert (same.movers, same.moved) == ((), 0)
        assert same.correlation == pytest.approx(1)

    async def test_unknown_versions_are_named(self, catalogue: Catalogue) -> None:
        """With those there are."""
        async with catalogue.pool.connection() as conn:
            with pytest.raises(UnknownVersionError, match="'7'"):
                await compare_versions(conn, "7", CURRENT.version)


async def test_every_score_is_explained_and_sums_up(catalogue: Catalogue) -> None:
    """To what is stored; of impossible ones the reason."""
    catalogue.fill(3)
    await score_all(catalogue.pool, now=NOW)
    async with catalogue.pool.connection() as conn:
        for movie_id, stored, impossible in catalogue.read(
            "SELECT movie_id, score, impossible FROM cri_scores"
        ):
            found = await explain_film(conn, movie_id, now=NOW)
            assert found is not None
            assert found.is_stored
            assert (found.score, found.impossible) == (stored, impossible)
            points = round(sum(one.points for one in found.terms), 2)
            assert points == (stored or 0)
        assert await explain_film(conn, 10**9, now=NOW) is None


async def test_an_explanation_says_when_facts_have_changed(
    catalogue: Catalogue,
) -> None:
    """It tells what the score is now, and that another is stored."""
    catalogue.fill()
    await score_all(catalogue.pool, now=NOW)
    movie_id = catalogue.film()
    catalogue.write(
        "UPDATE ratings SET votes = votes + 9000 WHERE movie_id = %s", movie_id
    )

    async with catalogue.pool.connection() as conn:
        found = await explain_film(conn, movie_id, now=NOW)

    assert found is not None
    assert not found.is_stored
    assert found.score != found.stored_score


async def test_who_comes_later_has_seen_more(catalogue: Catalogue) -> None:
    """Two score a film at once while its votes change: the stored score is that of the last votes."""
    catalogue.fill()
    await score_all(catalogue.pool, now=NOW)
    movie_id = catalogue.film()

    async def change_and_score(votes: int) -> None:
        async with catalogue.pool.connection() as conn:
            await conn.execute(
                "UPDATE ratings SET votes = %s WHERE movie_id = %s", [votes, movie_id]
            )
            await conn.commit()
            async with conn.transaction():
                await score_films(conn, [movie_id], now=LATER)

    await asyncio.gather(
        score_all(catalogue.pool, now=LATER, batch=10),
        *(change_and_score(votes) for votes in range(100, 1600, 250)),
    )

    async with catalogue.pool.connection() as conn:
        found = await explain_film(conn, movie_id, now=LATER)
    assert found is not None
    assert found.is_stored


async def test_a_list_that_changes_during_a_pass_is_not_lost(
    catalogue: Catalogue,
) -> None:
    """A film joins after the pass has read who directed what: its director's other films are scored again."""
    catalogue.fill()
    catalogue.write("DELETE FROM list_entries")
    [(listed, other)] = catalogue.read(
        "SELECT one.movie_id, other.movie_id FROM credits AS one JOIN credits AS other USING (person_id)"
        " JOIN movies AS film ON film.id = one.movie_id JOIN ratings AS rated ON rated.movie_id = other.movie_id"
        " JOIN movies AS rated_film ON rated_film.id = other.movie_id"
        " WHERE one.movie_id <> other.movie_id AND rated.votes > 1 AND film.gone_at IS NULL"
        " AND rated_film.gone_at IS NULL AND rated_film.release_date < '2025-01-01' ORDER BY 1, 2 LIMIT 1"
    )
    add = (
        "INSERT INTO list_entries (list_id, entry_key, imdb_id, movie_id, year, joined_at)"
        " SELECT (SELECT id FROM lists ORDER BY weight DESC LIMIT 1), id::text, imdb_id, id, 1950, '2026-01-01'"
        " FROM movies WHERE id = %s"
    )
    # One that nobody directed, so that the list is known before.
    catalogue.write(
        "INSERT INTO movies (title, imdb_id, created_at, updated_at)"
        " VALUES ('Alone', 'tt9', '2026-01-01', '2026-01-01')"
    )
    catalogue.write(add, catalogue.read("SELECT max(id) FROM movies")[0][0])

    async def waits() -> list[Any]:
        return catalogue.read(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )

    async with catalogue.pool.connection() as holder:
        await holder.execute(sql.load("cinegraph.enrichment.cri", "lock_index.sql"))
        running = asyncio.create_task(score_all(catalogue.pool, now=NOW))
        await until(waits)
        catalogue.write(add, listed)
        await holder.commit()
        await running

    after = catalogue.read("SELECT s::text FROM cri_scores AS s ORDER BY movie_id")
    assert (await catalogue.score(other)).changed == 0
    catalogue.write("DELETE FROM cri_scores")
    await score_all(catalogue.pool, now=NOW)
    assert (
        catalogue.read("SELECT s::text FROM cri_scores AS s ORDER BY movie_id") == after
    )


class TestHoldingOut:
    """A backtest's score has not seen the list."""

    async def score_without(self, catalogue: Catalogue, key: str) -> Scores:
        """Score all films with a list held out, as a backtest does."""
        async with catalogue.pool.connection() as conn:
            lists = await sameness.read_lists(conn)
            [target] = [one for one in lists if one.key == key]
            held, _ = sameness.find_derived(
                target, lists, await sameness.read_members(conn)
            )
            baselines = await measuring.measure(conn, now=NOW, held=held)
            ids = [row[0] for row in catalogue.read("SELECT id FROM movies ORDER BY 1")]
            directed = await read_all_directed(conn, held)
            many = await read_many_facts(conn, ids, directed, held)
            found = score(many, baselines, CURRENT)
            alone = score(await read_facts(conn, ids, held), baselines, CURRENT)
            assert np.array_equal(found.scores, alone.scores, equal_nan=True)
            return found

    def add_registry(self, catalogue: Catalogue, tmdb_ids: list[int]) -> None:
        """Make the registry thrice: an awards event, the list made of it, and a file of the same films."""
        with psycopg.connect(catalogue.url) as conn, conn.cursor() as cursor:
            cursor.execute(
                "DELETE FROM festival_categories AS category USING festival_organizations AS festival"
                " WHERE festival.id = organization_id AND festival.key = 'registry'"
                " AND NOT EXISTS (SELECT FROM festival_nominations WHERE category_id = category.id)"
            )
            add_nominations(cursor, "registry", "keepers", tmdb_ids, won=True)
            add_list(cursor, "registry", tmdb_ids, source="event", location="registry")
            add_list(cursor, "my-copy", tmdb_ids)

    async def test_its_rows_do_not_matter(self, catalogue: Catalogue) -> None:
        """Films that join or leave it leave every score, those of its directors' other films, too."""
        catalogue.fill(2)
        before = await self.score_without(catalogue, "list-1")

        catalogue.write(
            "DELETE FROM list_entries WHERE list_id = (SELECT min(id) FROM lists) AND position < 9"
        )
        catalogue.write(
            "INSERT INTO list_entries (list_id, entry_key, position, imdb_id, movie_id, joined_at)"
            " SELECT (SELECT min(id) FROM lists), 'new' || id, 1, imdb_id, id, now() FROM movies WHERE id %% 5 = 0"
        )
        after = await self.score_without(catalogue, "list-1")

        assert np.array_equal(before.scores, after.scores, equal_nan=True)
        assert np.array_equal(before.confidence, after.confidence)

    async def test_what_is_derived_from_it_is_held_out_too(
        self, catalogue: Catalogue
    ) -> None:
        """The registry's event, its list and a copy: with all three no score is another than without any."""
        catalogue.fill(2)
        catalogue.write(
            "DELETE FROM festival_nominations USING festival_categories AS category, festival_organizations AS festival"
            " WHERE category.id = category_id AND festival.id = category.organization_id AND festival.key = 'registry'"
        )
        with psycopg.connect(catalogue.url) as conn, conn.cursor() as cursor:
            add_list(cursor, "nothing", [999], weight=0)
        before = await self.score_without(catalogue, "nothing")

        self.add_registry(catalogue, list(range(1, 40, 2)))

        for key in ("registry", "my-copy"):
            after = await self.score_without(catalogue, key)
            assert np.array_equal(before.scores, after.scores, equal_nan=True)
        seen = await self.score_without(catalogue, "nothing")
        assert not np.array_equal(before.scores, seen.scores, equal_nan=True)

    async def test_nothing_is_written(self, catalogue: Catalogue) -> None:
        """And the same seed finds the same."""
        catalogue.fill()
        await score_all(catalogue.pool, now=NOW)
        before = catalogue.rows(), catalogue.read("SELECT * FROM cri_baselines")

        pool = catalogue.pool
        found = await run_backtest(pool, "list-1", now=NOW, resamples=50)
        again = await run_backtest(pool, "list-1", now=NOW, resamples=50)

        assert (
            catalogue.rows(),
            catalogue.read("SELECT * FROM cri_baselines"),
        ) == before
        assert found == again
        assert found.members == 15
        names = [one.name for one in found.rankings]
        assert names[:2] == ["score", "random"]
        assert {"popularity", "votes", "rating", "voters", "awards"} <= set(names)
        assert sum(one.members for one in found.decades) == found.stored
        assert found.is_thin
        assert any("too thin" in sentence for sentence in found.verdict)

    async def test_what_can_not_be_tested_is_said(self, catalogue: Catalogue) -> None:
        """No such list; none of its films."""
        catalogue.fill()
        with psycopg.connect(catalogue.url) as conn, conn.cursor() as cursor:
            add_list(cursor, "elsewhere", [501, 502])
        with pytest.raises(UnknownListError, match="nowhere"):
            await run_backtest(catalogue.pool, "nowhere", now=NOW)
        with pytest.raises(EmptyListError, match="elsewhere"):
            await run_backtest(catalogue.pool, "elsewhere", now=NOW)


async def test_the_registry_counts_by_the_weight_of_its_list(
    catalogue: Catalogue,
) -> None:
    """Where a list is made of the event; else by the prestige of who gives it."""
    catalogue.fill()
    ids = [row[0] for row in catalogue.read("SELECT id FROM movies ORDER BY 1")]
    async with catalogue.pool.connection() as conn:
        alone = await read_facts(conn, ids)
        with psycopg.connect(catalogue.url) as writer, writer.cursor() as cursor:
            add_list(
                cursor, "kept", [1], weight=0.9, source="event", location="registry"
            )
        listed = await read_facts(conn, ids)
    assert {round(row.weight, 2) for row in alone.rows.kept} == {0.6}
    assert {round(row.weight, 2) for row in listed.rows.kept} == {0.9}


async def test_held_categories_are_no_evidence(catalogue: Catalogue) -> None:
    """Nominations that are held out are not read."""
    catalogue.fill()
    categories = [
        row[0] for row in catalogue.read("SELECT id FROM festival_categories")
    ]
    ids = [row[0] for row in catalogue.read("SELECT id FROM movies ORDER BY 1")]
    async with catalogue.pool.connection() as conn:
        facts = await read_many_facts(
            conn, ids, {}, HeldOut(categories=tuple(categories))
        )
    assert (facts.rows.honours, facts.rows.kept) == ([], [])
