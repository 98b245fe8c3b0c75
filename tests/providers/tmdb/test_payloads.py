"""TMDB's bodies into payloads: strict about ids and parts, lenient about values."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.sources.providers.tmdb.payloads import (
    LARGEST_ID,
    MOVIE_PARTS,
    decode_configuration,
    decode_find,
    decode_list,
    decode_movie,
)

type Json = dict[str, Any]
type Make = Callable[..., Json]
type MakeBody = Callable[..., bytes]


def test_one_request_asks_for_at_most_20_parts() -> None:
    """TMDB refuses more than 20 appended parts (400, code 27)."""
    assert len(set(MOVIE_PARTS)) == len(MOVIE_PARTS) <= 20


@pytest.mark.parametrize("part", MOVIE_PARTS)
def test_a_missing_part_is_refused(part: str, movie: Make) -> None:
    """A 200 without a part that was asked for is no film; the error names the part."""
    film = movie()
    del film[part]

    with pytest.raises(PayloadError, match="part") as caught:
        decode_movie(msgspec.json.encode(film))

    assert part == caught.value.field


@pytest.mark.parametrize("part", MOVIE_PARTS)
def test_a_null_part_is_missing(part: str, movie_body: MakeBody) -> None:
    """`null` in place of a part is no part."""
    with pytest.raises(PayloadError) as caught:
        decode_movie(movie_body(**{part: None}))

    assert part == caught.value.field


def test_only_parts_asked_for_are_required(movie: Make) -> None:
    """A film without any part decodes when none was asked for."""
    film = {key: value for key, value in movie().items() if key not in MOVIE_PARTS}

    assert decode_movie(msgspec.json.encode(film), parts=()).credits is None


EMPTIED_SETS = [
    ("credits.cast", {"credits": {"crew": []}}),
    ("credits.crew", {"credits": {"cast": []}}),
    ("keywords.keywords", {"keywords": {}}),
    ("videos.results", {"videos": {}}),
    ("release_dates.results", {"release_dates": {}}),
    ("recommendations.results", {"recommendations": {}}),
    ("alternative_titles.titles", {"alternative_titles": {}}),
    ("watch/providers.results", {"watch/providers": {}}),
]


@pytest.mark.parametrize(("field", "change"), EMPTIED_SETS)
def test_a_part_without_its_set_is_refused(
    field: str, change: Json, movie_body: MakeBody
) -> None:
    """A part that came without its list would empty what is stored: refused."""
    with pytest.raises(PayloadError) as caught:
        decode_movie(movie_body(**change))

    assert field == caught.value.field


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "title",
        "genres",
        "production_companies",
        "production_countries",
        "spoken_languages",
    ],
)
def test_a_film_without_its_core_is_refused(field: str, movie: Make) -> None:
    """Id, title and the sets that storing makes equal must be there."""
    film = movie()
    del film[field]

    with pytest.raises(PayloadError) as caught:
        decode_movie(msgspec.json.encode(film))

    assert field == caught.value.field


WRONG_IDS = [0, -1, LARGEST_ID + 1, 2**64, None, "5", 5.5, True]
ID_PLACES: dict[str, Callable[[object], Json]] = {
    "id": lambda wrong: {"id": wrong},
    "genres[0].id": lambda wrong: {"genres": [{"id": wrong, "name": "x"}]},
    "production_companies[0].id": lambda wrong: {
        "production_companies": [{"id": wrong}]
    },
    "belongs_to_collection.id": lambda wrong: {"belongs_to_collection": {"id": wrong}},
    "credits.cast[0].id": lambda wrong: {
        "credits": {"cast": [{"id": wrong, "credit_id": "c"}], "crew": []}
    },
    "credits.crew[0].id": lambda wrong: {
        "credits": {"cast": [], "crew": [{"id": wrong, "credit_id": "c"}]}
    },
    "keywords.keywords[0].id": lambda wrong: {
        "keywords": {"keywords": [{"id": wrong}]}
    },
    "watch/providers.results[...].buy[0].provider_id": lambda wrong: {
        "watch/providers": {"results": {"DE": {"buy": [{"provider_id": wrong}]}}}
    },
}


@pytest.mark.parametrize("wrong", WRONG_IDS)
@pytest.mark.parametrize("place", ID_PLACES)
def test_an_impossible_id_is_refused(
    place: str, wrong: object, movie_body: MakeBody
) -> None:
    """An id that no row can have goes to quarantine, with the place where it stood."""
    with pytest.raises(PayloadError) as caught:
        decode_movie(movie_body(**ID_PLACES[place](wrong)))

    assert place == caught.value.field


def test_the_largest_id_is_taken(movie_body: MakeBody) -> None:
    """The largest id of PostgreSQL's integer is an id."""
    assert decode_movie(movie_body(id=LARGEST_ID)).id == LARGEST_ID


def test_another_film_is_refused(movie_body: MakeBody) -> None:
    """The answer must be the film that was asked for."""
    assert decode_movie(movie_body(id=5), expected_id=5).id == 5
    with pytest.raises(PayloadError, match="asked for film 6, got 5") as caught:
        decode_movie(movie_body(id=5), expected_id=6)

    assert caught.value.field == "id"


@pytest.mark.parametrize("title", [None, ""])
def test_a_film_without_any_title_is_refused(
    title: str | None, movie_body: MakeBody
) -> None:
    """A film may lack one title, not both."""
    assert decode_movie(movie_body(title=title))
    with pytest.raises(PayloadError) as caught:
        decode_movie(movie_body(title=title, original_title=title))

    assert caught.value.field == "title"


def test_a_cut_film_is_undecodable(movie_body: MakeBody) -> None:
    """However much of a body is missing, it is unknown and never quarantined."""
    body = movie_body()
    for length in range(0, len(body), 7):
        with pytest.raises(UndecodableError):
            decode_movie(body[:length])


def test_a_refusal_carries_the_body(movie_body: MakeBody) -> None:
    """Quarantine needs the body as a sample."""
    body = movie_body(id=0)

    with pytest.raises(PayloadError) as caught:
        decode_movie(body)

    assert body == caught.value.body


LIST: Json = {
    "page": 2,
    "results": [{"id": 7}],
    "total_pages": 53906,
    "total_results": 1,
}


def test_a_list_page_is_checked() -> None:
    """A page must be the one asked for: some servers send page 1 for every page."""
    body = msgspec.json.encode(LIST)

    assert decode_list(body, expected_page=2).page == 2
    with pytest.raises(PayloadError, match="asked for page 3, got 2") as caught:
        decode_list(body, expected_page=3)

    assert caught.value.field == "page"


@pytest.mark.parametrize("field", LIST)
def test_a_list_page_must_be_whole(field: str) -> None:
    """A page without its rows or its numbers shows nothing, not an empty list."""
    body = msgspec.json.encode({k: v for k, v in LIST.items() if k != field})

    with pytest.raises(PayloadError) as caught:
        decode_list(body)

    assert field == caught.value.field


def test_a_find_must_say_what_was_found() -> None:
    """An object without `movie_results` is no answer to a search by id."""
    with pytest.raises(PayloadError) as caught:
        decode_find(b"{}")

    assert caught.value.field == "movie_results"


def test_a_configuration_needs_its_images() -> None:
    """The configuration is asked for where images are."""
    with pytest.raises(PayloadError) as caught:
        decode_configuration(b'{"images": {}}')

    assert caught.value.field == "images.secure_base_url"
