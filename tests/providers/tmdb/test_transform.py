"""TMDB's payloads into records: each hazard by itself, then whatever comes."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.records.listing import FoundIds, MoviePage
from cinegraph.records.movie import (
    CollectionRecord,
    CompanyRecord,
    CountryRecord,
    CreditKind,
    ExternalIdRecord,
    GenreRecord,
    KeywordRecord,
    LanguageRecord,
    MovieRecord,
    RatingRecord,
    ReleaseRecord,
    TitleRecord,
    VideoRecord,
    WatchOfferRecord,
    WatchProviderRecord,
)
from cinegraph.sources.providers.tmdb.payloads import (
    LARGEST_ID,
    decode_find,
    decode_list,
    decode_movie,
)
from cinegraph.sources.providers.tmdb.transform import (
    to_found_ids,
    to_movie_page,
    to_record,
)

type Json = dict[str, Any]
type Make = Callable[..., Json]
type ToRecord = Callable[..., MovieRecord]


@pytest.fixture
def record(movie_body: Callable[..., bytes]) -> ToRecord:
    """Return a function that makes the record of a film with changes."""
    return lambda **changes: to_record(decode_movie(movie_body(**changes)))


class TestValues:
    """Single values: what means unknown becomes None, what is known stays."""

    @pytest.mark.parametrize(
        "field",
        [
            "original_title",
            "original_language",
            "overview",
            "tagline",
            "homepage",
            "status",
            "poster_path",
            "backdrop_path",
        ],
    )
    @pytest.mark.parametrize("unknown", ["", None])
    def test_empty_text_is_unknown(
        self, field: str, unknown: str | None, record: ToRecord
    ) -> None:
        """An empty text and null are the same: unknown."""
        assert getattr(record(**{field: unknown}), field) is None

    @pytest.mark.parametrize(
        ("field", "name"),
        [
            ("runtime", "runtime_minutes"),
            ("budget", "budget_usd"),
            ("revenue", "revenue_usd"),
        ],
    )
    @pytest.mark.parametrize(
        ("sent", "known"),
        [
            (0, None),
            (None, None),
            (-1, None),
            (0.0, None),
            (92.5, None),
            (92, 92),
            (92.0, 92),
            (1e300, None),
            (2**70, None),
        ],
    )
    def test_numbers(
        self, field: str, name: str, sent: object, known: object, record: ToRecord
    ) -> None:
        """0 is unknown, a whole float is a number, what no column holds is unknown."""
        assert known == getattr(record(**{field: sent}), name)

    @pytest.mark.parametrize("revenue", [2**31, 2_923_706_026, 2**63 - 1])
    def test_revenue_beyond_32_bits(self, revenue: int, record: ToRecord) -> None:
        """Money is larger than PostgreSQL's integer."""
        assert revenue == record(revenue=revenue).revenue_usd

    def test_runtime_beyond_32_bits_is_unknown(self, record: ToRecord) -> None:
        """A running time that no integer holds is nonsense."""
        assert record(runtime=2**31).runtime_minutes is None

    @pytest.mark.parametrize(
        ("sent", "known"),
        [
            ("2004-11-18", date(2004, 11, 18)),
            ("2027-01-01", date(2027, 1, 1)),
            ("2004-11-18T00:00:00.000Z", date(2004, 11, 18)),
            ("", None),
            (None, None),
            ("0000-00-00", None),
            ("2004-02-30", None),
            ("2004", None),
            ("18.11.2004", None),
            ("soon", None),
        ],
    )
    def test_release_dates(
        self, sent: str | None, known: date | None, record: ToRecord
    ) -> None:
        """A date in an odd form is unknown and fails nothing."""
        assert known == record(release_date=sent).released_on

    @pytest.mark.parametrize("field", ["adult", "video"])
    def test_null_flags_are_false(self, field: str, record: ToRecord) -> None:
        """TMDB's changes feed has shown `adult` null."""
        assert getattr(record(**{field: None}), f"is_{field}") is False
        assert getattr(record(**{field: True}), f"is_{field}") is True

    def test_an_unknown_status_is_kept(self, record: ToRecord) -> None:
        """A status that TMDB does not document is text like the others."""
        assert record(status="Shelved").status == "Shelved"

    def test_popularity_may_be_zero(self, record: ToRecord) -> None:
        """A popularity of 0 is known, null is not."""
        assert record(popularity=0).popularity == 0.0
        assert record(popularity=None).popularity is None

    def test_the_original_title_stands_in(self, record: ToRecord) -> None:
        """A film without a title in our language has its original one."""
        assert record(title="").title == "Der Film"

    @pytest.mark.parametrize(
        ("value", "votes", "rating"),
        [
            (6.4, 5, RatingRecord("user_score", 6.4, 5)),
            (8, 5, RatingRecord("user_score", 8.0, 5)),
            (0, 0, None),
            (6.4, 0, None),
            (6.4, None, None),
            (0.0, 5, None),
            (None, 5, None),
            (10.1, 5, None),
            (-1, 5, None),
        ],
    )
    def test_rating(
        self, value: object, votes: object, rating: object, record: ToRecord
    ) -> None:
        """There is a rating where someone voted, on 0 to 10."""
        assert rating == record(vote_average=value, vote_count=votes).rating


class TestImdbId:
    """The id that other sources are joined by."""

    @pytest.mark.parametrize(
        ("top", "extra", "known"),
        [
            ("tt1", {"imdb_id": "tt2"}, "tt2"),
            ("tt1", {"imdb_id": ""}, "tt1"),
            ("tt1", {"imdb_id": None}, "tt1"),
            ("tt1", {}, "tt1"),
            ("tt1", {"imdb_id": "nm2"}, "tt1"),
            ("", {"imdb_id": "tt2"}, "tt2"),
            (None, {"imdb_id": " tt2\n"}, "tt2"),
            ("", {"imdb_id": ""}, None),
            ("0076759", {}, None),
            ("tt", {}, None),
            ("tt12x", {}, None),
            ("tt\u0661\u0662", {}, None),
        ],
    )
    def test_it_is_the_best_there_is(
        self, top: str | None, extra: Json, known: str | None, record: ToRecord
    ) -> None:
        """An empty or malformed id in one place never hides a good one in the other."""
        film = record(imdb_id=top, external_ids=extra)

        assert known == film.imdb_id
        assert known == dict(_pairs(film)).get("imdb")

    def test_other_sites(self, record: ToRecord) -> None:
        """Ids of other sites are kept where they are not empty."""
        film = record(
            imdb_id=None,
            external_ids={
                "wikidata_id": "Q1",
                "facebook_id": "",
                "instagram_id": None,
                "twitter_id": "film",
                "id": 5,
            },
        )

        assert film.external_ids == (
            ExternalIdRecord("wikidata", "Q1"),
            ExternalIdRecord("twitter", "film"),
        )


def _pairs(film: MovieRecord) -> list[tuple[str, str]]:
    return [(known.site, known.value) for known in film.external_ids]


class TestCredits:
    """People and what they did: everyone once, nothing lost."""

    def test_a_credit_is_told_whole(self, record: ToRecord) -> None:
        """Cast has character and billing, crew department and job."""
        film = record()

        cast, crew = film.credits
        assert (cast.credit_id, cast.person_tmdb_id, cast.kind) == ("c1", 70, "cast")
        assert (cast.character, cast.position) == ("Eve", 0)
        assert (cast.job, cast.department) == (None, None)
        assert (crew.credit_id, crew.person_tmdb_id, crew.kind) == ("c2", 71, "crew")
        assert (crew.department, crew.job) == ("Directing", "Director")
        assert (crew.character, crew.position) == (None, 0)
        assert [person.tmdb_id for person in film.people] == [70, 71]
        assert film.people[1].profile_path == "/bob.jpg"

    def test_a_person_twice_in_a_cast(
        self, record: ToRecord, cast: Make, crew: Make
    ) -> None:
        """Two roles and a job of one person are three credits of one person."""
        film = record(
            credits={
                "cast": [cast(), cast(credit_id="c3", character="Queen")],
                "crew": [crew(id=70)],
            }
        )

        assert len(film.people) == 1
        assert [credit.credit_id for credit in film.credits] == ["c1", "c3", "c2"]

    @pytest.mark.parametrize(
        ("gender", "known"),
        [
            (0, None),
            (1, 1),
            (2, 2),
            (3, 3),
            (4, None),
            (-1, None),
            (None, None),
            (2.0, 2),
        ],
    )
    def test_gender(
        self, gender: object, known: int | None, record: ToRecord, cast: Make
    ) -> None:
        """0 and what TMDB does not document are unknown."""
        film = record(credits={"cast": [cast(gender=gender)], "crew": []})

        assert known == film.people[0].gender

    @pytest.mark.parametrize("character", ["", None])
    def test_no_character(
        self, character: str | None, record: ToRecord, cast: Make
    ) -> None:
        """An actor without a character is still in the cast."""
        film = record(credits={"cast": [cast(character=character)], "crew": []})

        assert film.credits[0].character is None

    def test_long_characters_stay_whole(self, record: ToRecord, cast: Make) -> None:
        """Characters of hundreds of letters occur; no text is cut."""
        text = "Self / Various " * 1000

        film = record(credits={"cast": [cast(character=text)], "crew": []})

        assert text == film.credits[0].character

    def test_unknown_departments_are_kept(self, record: ToRecord, crew: Make) -> None:
        """Departments go beyond the documented ones."""
        film = record(credits={"cast": [], "crew": [crew(department="Stunts & Cats")]})

        assert film.credits[0].department == "Stunts & Cats"

    @pytest.mark.parametrize(
        ("order", "known"),
        [(0, 0), (500, 500), (3.0, 3), (None, None), (-1, None), (2**31, None)],
    )
    def test_billing_order(
        self, order: object, known: int | None, record: ToRecord, cast: Make
    ) -> None:
        """The order has gaps, and may be missing."""
        film = record(credits={"cast": [cast(order=order)], "crew": []})

        assert known == film.credits[0].position

    def test_nameless_people(self, record: ToRecord, cast: Make) -> None:
        """The original name stands in for a missing one; without both one stays."""
        film = record(
            credits={
                "cast": [
                    cast(name="", original_name="Åsa"),
                    cast(id=72, credit_id="c4", name=None, original_name=None),
                ],
                "crew": [],
            }
        )

        assert [person.name for person in film.people] == ["Åsa", ""]

    @pytest.mark.parametrize("missing", [{"credit_id": None}, {"credit_id": ""}])
    def test_credits_without_id_are_kept(
        self, missing: Json, record: ToRecord, cast: Make
    ) -> None:
        """They get ids of our own: distinct, and the same at every import."""
        rows = [
            cast(**missing),
            cast(**missing, character="Queen"),
            cast(**missing),
        ]

        one = record(credits={"cast": rows, "crew": []})
        two = record(credits={"cast": rows[::-1], "crew": []})

        ids = {credit.credit_id for credit in one.credits}
        assert len(ids) == 3
        assert all(re.fullmatch(r"own-[0-9a-f]{24}", found) for found in ids)
        assert ids == {credit.credit_id for credit in two.credits}

    def test_own_ids_differ_by_film(self, record: ToRecord, cast: Make) -> None:
        """Two films never share an id of our own."""
        lists = {"cast": [cast(credit_id=None)], "crew": []}

        one, two = record(id=5, credits=lists), record(id=6, credits=lists)

        assert one.credits[0].credit_id != two.credits[0].credit_id

    def test_a_repeated_credit_collapses(self, record: ToRecord, cast: Make) -> None:
        """The same row twice is one credit."""
        film = record(credits={"cast": [cast(), cast(order=9)], "crew": []})

        assert [credit.credit_id for credit in film.credits] == ["c1"]

    def test_a_taken_id_loses_no_credit(
        self, record: ToRecord, cast: Make, crew: Make
    ) -> None:
        """Two different credits under one id are both kept."""
        film = record(credits={"cast": [cast()], "crew": [crew(credit_id="c1")]})

        assert [credit.kind for credit in film.credits] == [
            CreditKind.CAST,
            CreditKind.CREW,
        ]
        assert len({credit.credit_id for credit in film.credits}) == 2


class TestSets:
    """Everything that belongs to a film, each once by its true key."""

    def test_null_is_empty(self, record: ToRecord) -> None:
        """Null where a list is expected is an empty list."""
        film = record(
            genres=None,
            production_companies=None,
            production_countries=None,
            spoken_languages=None,
            origin_country=None,
            credits={"cast": None, "crew": None},
            keywords={"keywords": None},
            videos={"results": None},
            release_dates={"results": None},
            recommendations={"results": None},
            alternative_titles={"titles": None},
            **{"watch/providers": {"results": None}},
        )

        assert film.genres == film.companies == film.credits == film.people == ()
        assert film.videos == film.releases == film.alternative_titles == ()
        assert film.keywords == film.recommended_tmdb_ids == film.watch_offers == ()
        assert film.production_countries == film.origin_countries == ()
        assert film.spoken_languages == ()

    def test_repeated_rows_collapse(self, record: ToRecord) -> None:
        """One body may name a company or keyword twice."""
        film = record(
            genres=[{"id": 1, "name": "a"}, {"id": 1, "name": "a"}],
            production_companies=[
                {"id": 2, "name": "b", "origin_country": "", "logo_path": ""},
                {"id": 2, "name": "b", "origin_country": "", "logo_path": ""},
            ],
            keywords={"keywords": [{"id": 3, "name": None}, {"id": 3}]},
            origin_country=["US", "US", ""],
        )

        assert film.genres == (GenreRecord(1, "a"),)
        assert film.companies == (CompanyRecord(2, "b"),)
        assert film.keywords == (KeywordRecord(3, ""),)
        assert film.origin_countries == (CountryRecord("US"),)

    def test_countries_and_languages(self, record: ToRecord) -> None:
        """Rows without a code are nothing; an empty name is unknown."""
        film = record(
            production_countries=[
                {"iso_3166_1": "DE", "name": "Germany"},
                {"iso_3166_1": "", "name": "?"},
                {"iso_3166_1": "DE", "name": "Germany"},
            ],
            spoken_languages=[
                {"iso_639_1": "xx", "english_name": "No Language", "name": ""},
                {"iso_639_1": None},
            ],
        )

        assert film.production_countries == (CountryRecord("DE", "Germany"),)
        assert film.spoken_languages == (LanguageRecord("xx", "No Language"),)

    def test_collection(self, record: ToRecord) -> None:
        """A series of films, or none."""
        film = record(
            belongs_to_collection={"id": 9, "name": "Trilogy", "poster_path": ""}
        )

        assert film.collection == CollectionRecord(9, "Trilogy")
        assert record(belongs_to_collection=None).collection is None

    def test_videos(self, record: ToRecord) -> None:
        """A video without a key is none; one without an id is named by site and key."""
        video = {"id": "v1", "site": "YouTube", "key": "k1", "size": 0, "name": ""}
        film = record(
            videos={
                "results": [
                    video | {"published_at": "2022-09-30T16:30:02.000Z"},
                    video | {"id": "v1"},
                    video | {"id": None, "size": 1080, "official": True},
                    video | {"key": ""},
                ]
            }
        )

        assert film.videos == (
            VideoRecord("v1", "YouTube", "k1"),
            VideoRecord(
                "YouTube:k1", "YouTube", "k1", height_pixels=1080, is_official=True
            ),
        )

    @pytest.mark.parametrize(
        "text",
        [
            "2004-11-19T00:00:00.000Z",
            "2004-11-19T00:00:00Z",
            "2004-11-19T01:00:00+01:00",
            "2004-11-19 00:00:00 UTC",
            "2004-11-19",
        ],
    )
    def test_release_times(self, text: str, record: ToRecord) -> None:
        """Every form of time that TMDB has used is understood."""
        release = {"release_date": text, "type": 3, "iso_639_1": "", "note": ""}
        film = record(
            release_dates={
                "results": [{"iso_3166_1": "AT", "release_dates": [release]}]
            }
        )

        at = datetime(2004, 11, 19, tzinfo=UTC)
        assert film.releases == (ReleaseRecord("AT", 3, at, ""),)

    @pytest.mark.parametrize(
        "change",
        [
            {"release_date": ""},
            {"release_date": "soon"},
            {"release_date": "0001-01-01T00:00:00+14:00"},
            {"type": None},
            {"type": 0},
            {"type": 2**15},
        ],
    )
    def test_a_release_needs_time_and_kind(
        self, change: Json, record: ToRecord
    ) -> None:
        """A release without them stays in the document alone."""
        release = {"release_date": "2004-11-19", "type": 3} | change
        country = {"iso_3166_1": "AT", "release_dates": [release]}

        assert record(release_dates={"results": [country]}).releases == ()

    def test_repeated_releases_collapse(self, record: ToRecord) -> None:
        """A row that says the same is the same release; two festivals of a day are not."""
        release = {"release_date": "2004-11-19", "type": 3, "certification": "6"}
        dates = [
            release,
            release | {"note": ""},
            release | {"iso_639_1": "de"},
            release | {"note": "Viennale"},
        ]
        film = record(
            release_dates={
                "results": [
                    {"iso_3166_1": "AT", "release_dates": dates},
                    {"iso_3166_1": "", "release_dates": dates},
                    {"iso_3166_1": "CH", "release_dates": None},
                ]
            }
        )

        assert [(row.language_code, row.note) for row in film.releases] == [
            ("", None),
            ("de", None),
            ("", "Viennale"),
        ]
        assert {row.certification for row in film.releases} == {"6"}

    def test_alternative_titles(self, record: ToRecord) -> None:
        """The same title may differ by country or kind; an empty one is none."""
        film = record(
            alternative_titles={
                "titles": [
                    {"iso_3166_1": "RU", "title": "Мост", "type": ""},
                    {"iso_3166_1": "RU", "title": "Мост", "type": None},
                    {"iso_3166_1": "RU", "title": "Мост", "type": "DVD"},
                    {"iso_3166_1": None, "title": "Most"},
                    {"iso_3166_1": "US", "title": ""},
                ]
            }
        )

        assert film.alternative_titles == (
            TitleRecord("RU", "Мост", ""),
            TitleRecord("RU", "Мост", "DVD"),
            TitleRecord("", "Most", ""),
        )

    def test_recommendations(self, record: ToRecord) -> None:
        """In order, each once, films only: ids of films and series overlap."""
        film = record(
            recommendations={
                "results": [
                    {"id": 9, "media_type": "movie"},
                    {"id": 8},
                    {"id": 9},
                    {"id": 7, "media_type": "tv"},
                    {"id": None},
                    {"id": 0},
                    {"id": LARGEST_ID + 1},
                ]
            }
        )

        assert film.recommended_tmdb_ids == (9, 8)

    def test_watch_providers(self, record: ToRecord) -> None:
        """Services once, offers by country and kind."""
        plex = {"provider_id": 538, "provider_name": "Plex", "display_priority": 2}
        film = record(
            **{
                "watch/providers": {
                    "results": {
                        "DE": {"link": "x", "free": [plex, plex], "buy": None},
                        "AT": {"ads": [plex | {"display_priority": None}]},
                        "": {"ads": [plex]},
                    }
                }
            }
        )

        assert film.watch_providers == (WatchProviderRecord(538, "Plex"),)
        assert film.watch_offers == (
            WatchOfferRecord("DE", "free", 538, 2),
            WatchOfferRecord("AT", "ads", 538),
        )


def test_parts_not_asked_for_are_empty(movie: Make) -> None:
    """A film without parts is a record with empty sets."""
    film = movie()
    for part in ("credits", "external_ids", "videos", "watch/providers"):
        del film[part]

    made = to_record(decode_movie(msgspec.json.encode(film), parts=()))

    assert made.credits == made.videos == made.watch_offers == ()
    assert made.imdb_id == "tt0000005"


def test_movie_pages() -> None:
    """Pages beyond TMDB's last are not promised; unusable and foreign rows pass."""
    payload = decode_list(
        b'{"page": 1, "total_pages": 53906, "total_results": 1078120, "results": '
        b'[{"id": 3}, {"id": 3}, {"id": null}, {"id": 4, "media_type": "tv"}]}'
    )

    assert to_movie_page(payload, last_page=500) == MoviePage(1, 500, 1078120, (3,))


def test_found_ids() -> None:
    """A film's id may answer as a series, which is no film."""
    payload = decode_find(
        b'{"movie_results": null, "tv_results": [{"id": 4, "media_type": "tv"}]}'
    )

    assert to_found_ids(payload) == FoundIds(series_tmdb_ids=(4,))


texts = st.one_of(
    st.none(), st.just(""), st.text(st.characters(codec=None), max_size=8)
)
numbers = st.one_of(
    st.none(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
)
ids = st.integers(1, 4)


def rows(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Return lists of objects with *fields*, or null."""
    return st.none() | st.lists(st.fixed_dictionaries({}, optional=fields), max_size=4)


named = st.none() | st.lists(
    st.fixed_dictionaries({"id": ids, "name": texts}), max_size=4
)
people = st.none() | st.lists(
    st.fixed_dictionaries(
        {"id": ids},
        optional={
            "credit_id": texts,
            "name": texts,
            "gender": numbers,
            "character": texts,
            "job": texts,
            "order": numbers,
            "popularity": numbers,
        },
    ),
    max_size=6,
)
films = st.fixed_dictionaries(
    {
        "id": ids,
        "title": st.text(st.characters(codec="utf-8"), min_size=1).map("T".__add__),
        "imdb_id": texts,
        "release_date": texts,
        "budget": numbers,
        "vote_average": numbers,
        "vote_count": numbers,
        "status": texts,
        "genres": named,
        "production_companies": named,
        "production_countries": rows(iso_3166_1=texts, name=texts),
        "spoken_languages": rows(iso_639_1=texts, name=texts),
        "credits": st.fixed_dictionaries({"cast": people, "crew": people}),
        "external_ids": st.fixed_dictionaries({}, optional={"imdb_id": texts}),
        "keywords": st.fixed_dictionaries({"keywords": named}),
        "videos": st.fixed_dictionaries(
            {"results": rows(id=texts, key=texts, site=texts, size=numbers)}
        ),
        "release_dates": st.fixed_dictionaries(
            {
                "results": rows(
                    iso_3166_1=texts,
                    release_dates=rows(release_date=texts, type=numbers),
                )
            }
        ),
        "recommendations": st.fixed_dictionaries({"results": rows(id=numbers)}),
        "alternative_titles": st.fixed_dictionaries(
            {"titles": rows(iso_3166_1=texts, title=texts, type=texts)}
        ),
        "watch/providers": st.fixed_dictionaries(
            {
                "results": st.none()
                | st.dictionaries(
                    st.sampled_from(["DE", "AT", ""]),
                    st.fixed_dictionaries(
                        {"buy": st.lists(st.fixed_dictionaries({"provider_id": ids}))}
                    ),
                    max_size=2,
                )
            }
        ),
    }
)


KEYS: dict[str, Callable[[Any], object]] = {
    "genres": lambda row: row.tmdb_id,
    "companies": lambda row: row.tmdb_id,
    "keywords": lambda row: row.tmdb_id,
    "people": lambda row: row.tmdb_id,
    "credits": lambda row: row.credit_id,
    "production_countries": lambda row: row.code,
    "origin_countries": lambda row: row.code,
    "spoken_languages": lambda row: row.code,
    "videos": lambda row: row.video_id,
    "releases": lambda row: row,
    "alternative_titles": lambda row: (row.country_code, row.title, row.kind),
    "external_ids": lambda row: row.site,
    "recommended_tmdb_ids": lambda row: row,
    "watch_providers": lambda row: row.tmdb_id,
    "watch_offers": lambda row: (row.country_code, row.kind, row.provider_tmdb_id),
}


@given(films)
def test_whatever_comes_is_storable(film: Json) -> None:
    """Any film of the schema becomes a record: keys once, text and numbers storable."""
    # The standard library writes lone surrogates, which msgspec refuses to.
    made = to_record(decode_movie(json.dumps(film).encode()))

    written = msgspec.json.encode(made)
    assert b"\\u0000" not in written
    for name, key in KEYS.items():
        keys = [key(row) for row in getattr(made, name)]
        assert len(set(keys)) == len(keys), name
    assert {row.person_tmdb_id for row in made.credits} == {
        row.tmdb_id for row in made.people
    }
    assert made.budget_usd is None or 0 < made.budget_usd < 2**63
    assert all(0 < found <= LARGEST_ID for found in made.recommended_tmdb_ids)


@given(films)
def test_no_different_credit_is_lost(film: Json) -> None:
    """Whatever their ids, as many different credits come out as went in."""
    payload = decode_movie(json.dumps(film).encode())
    assert payload.credits is not None
    sent = {
        ("cast", row.id, None, row.character or None)
        for row in payload.credits.cast or ()
    } | {("crew", row.id, row.job or None, None) for row in payload.credits.crew or ()}

    stored = {
        (row.kind.value, row.person_tmdb_id, row.job, row.character)
        for row in to_record(payload).credits
    }

    assert sent == stored
