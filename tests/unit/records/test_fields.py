"""Fields by name: every attribute has one, unknown names are refused, what was not asked for stays."""

import msgspec
import pytest

from cinegraph.errors import JobArgumentsError
from cinegraph.jobs.updates import UpdateMovie, UpdateMovieArgs, update_job
from cinegraph.records.differences import describe, list_differences
from cinegraph.records.fields import (
    ALL,
    APPENDED,
    FIELDS,
    LISTED,
    NAMES,
    UnknownFieldError,
    appended_of,
    overlay,
    to_fields,
)
from cinegraph.records.movie import (
    ExternalIdRecord,
    GenreRecord,
    MovieRecord,
    RatingRecord,
)
from cinegraph.sources.providers.tmdb.parts import parts_of
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS
from factories import make_record, make_whole_record


def test_every_attribute_of_a_film_belongs_to_one_field() -> None:
    """What a source says can be asked for, and none of it twice."""
    attributes = [name for field in FIELDS for name in field.attributes]

    assert sorted([*attributes, "tmdb_id"]) == sorted(MovieRecord.__struct_fields__)


class TestToFields:
    """Names that a person gives."""

    def test_they_are_put_into_one_order(self) -> None:
        """The same work is known as such however it is written."""
        assert to_fields(["status", "ratings", "status"]) == ("ratings", "status")

    @pytest.mark.parametrize("names", [["videos", ALL], NAMES])
    def test_all_of_them_are_all(self, names: list[str]) -> None:
        """All beside others is all, and so is every single one."""
        assert to_fields(names) == (ALL,)

    def test_an_unknown_one_is_refused(self) -> None:
        """The error lists the known ones and suggests the nearest."""
        with pytest.raises(UnknownFieldError, match="no field 'revenu'") as caught:
            to_fields(["ratings", "revenu"])

        assert all(name in caught.value.message for name in NAMES)
        assert "'revenue'" in (caught.value.hint or "")

    def test_none_is_refused(self) -> None:
        """A job that asks for nothing is none."""
        with pytest.raises(UnknownFieldError):
            to_fields([])


class TestJob:
    """The job that updates fields."""

    def test_an_unknown_field_is_refused_when_it_is_made(self) -> None:
        """Not when it runs, and in the words of the fields."""
        with pytest.raises(JobArgumentsError, match="no field 'votes'"):
            update_job(1, 603, ("votes",))

    def test_an_unknown_field_of_a_stored_job_is_refused(self) -> None:
        """A row of another version ends with the reason."""
        with pytest.raises(msgspec.ValidationError, match="no field 'votes'"):
            msgspec.convert({"movie_id": 1, "fields": ["votes"]}, UpdateMovieArgs)

    def test_the_same_fields_in_another_order_are_the_same_work(self) -> None:
        """One live job a film and fields; other fields are other work."""
        keys = [
            update_job(1, 603, fields).meta["uniq_key"]
            for fields in (("ratings", "status"), ("status", "ratings"), ("status",))
        ]

        assert keys[0] == keys[1] != keys[2]

    def test_it_knows_the_film_by_both_ids(self) -> None:
        """The ledger and the runs know it by TMDB's."""
        job = update_job(7, 603, ("ratings",), run=3, is_listed=True)

        assert (job.worker, job.queue, job.max_attempts) == (
            UpdateMovie.name,
            "updates",
            3,
        )
        assert job.args == {"movie_id": 7, "fields": ["ratings"]}
        assert (job.meta["tmdb_id"], job.meta["run_id"], job.meta["listed"]) == (
            603,
            3,
            True,
        )


class TestParts:
    """What is asked for."""

    def test_facts_need_no_part(self) -> None:
        """Ratings, revenue and status come with the shortest answer."""
        assert parts_of(appended_of(("ratings", "revenue", "status"))) == ()

    def test_a_set_needs_its_own(self) -> None:
        """Only what the fields need is asked for."""
        asked = parts_of(appended_of(("ratings", "videos", "providers")))

        assert asked == ("videos", "watch/providers")

    def test_all_need_every_part(self) -> None:
        """Whole is whole."""
        assert appended_of((ALL,)) == APPENDED
        assert parts_of(APPENDED) == MOVIE_PARTS


class TestOverlay:
    """A film told anew in part."""

    def test_what_was_not_asked_for_stays(self) -> None:
        """A short answer moves facts and empties no set."""
        older = make_whole_record()
        newer = make_record(603, revenue_usd=1, genres=())

        after = overlay(older, newer, ())

        assert (after.revenue_usd, after.title, after.genres) == (1, "Film 603", ())
        assert (after.credits, after.people) == (older.credits, older.people)
        assert (after.videos, after.watch_offers) == (older.videos, older.watch_offers)
        assert (after.imdb_id, after.external_ids) == (
            older.imdb_id,
            older.external_ids,
        )

    def test_what_was_asked_for_is_made_equal(self) -> None:
        """An answer without videos to the question for videos says that there are none."""
        older = make_whole_record()

        after = overlay(older, make_record(603), ("videos",))

        assert after.videos == ()
        assert after.releases == older.releases

    def test_another_imdb_id_comes_with_the_short_answer(self) -> None:
        """It takes the place of the old one; ids on other sites stay."""
        newer = make_record(
            603,
            imdb_id="tt0000007",
            external_ids=(ExternalIdRecord("imdb", "tt0000007"),),
        )

        after = overlay(make_whole_record(), newer, ())

        assert after.imdb_id == "tt0000007"
        assert {row.site: row.value for row in after.external_ids} == {
            "imdb": "tt0000007",
            "wikidata": "Q83495",
        }

    def test_a_row_of_a_list_tells_votes_popularity_and_flags_alone(self) -> None:
        """Its empty rest takes nothing away, a title on it is not believed."""
        older = make_whole_record()
        rating = RatingRecord("user_score", 8.9, 30_000)
        newer = make_record(603, rating=rating, popularity=1.5, is_video=True)

        after = overlay(older, newer, LISTED)

        assert after == msgspec.structs.replace(
            older, rating=rating, popularity=1.5, is_video=True
        )


class TestDifferences:
    """What changed, in words."""

    def test_numbers_are_told_before_and_after(self) -> None:
        """In the order of the fields, the rating with its votes."""
        before = make_record(
            revenue_usd=1, rating=RatingRecord("user_score", 7.5, 10), status=None
        )
        after = make_record(
            revenue_usd=2, rating=RatingRecord("user_score", 7.6, 12), status="Released"
        )

        told = list_differences(before, after)

        assert describe(told) == (
            "rating 7.5 → 7.6; votes 10 → 12; revenue 1 → 2; status none → Released"
        )
        assert [one.field for one in told] == [
            "ratings",
            "ratings",
            "revenue",
            "status",
        ]

    def test_sets_are_told_by_how_many_came_and_went(self) -> None:
        """Also where only their order is another."""
        first, second, third = (GenreRecord(n, str(n)) for n in (1, 2, 3))
        before = make_record(genres=(first, second))

        assert describe(
            list_differences(before, make_record(genres=(second, third)))
        ) == ("genres +1 -1")
        assert describe(
            list_differences(before, make_record(genres=(second, first)))
        ) == ("genres in another order")

    def test_long_texts_are_cut(self) -> None:
        """A line is no place for a plot."""
        told = describe(
            list_differences(make_record(), make_record(overview="x" * 1000))
        )

        assert len(told) < 70

    def test_equal_films_differ_in_nothing(self) -> None:
        """And nothing is said of them."""
        whole = make_whole_record()

        assert list_differences(whole, whole) == ()
