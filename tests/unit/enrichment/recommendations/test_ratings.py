"""Reading files of ratings."""

import pytest

from cinegraph.enrichment.recommendations.ratings import Rating, RatingsError, read


def lines(*given: str) -> list[str]:
    """Return lines as a file gives them."""
    return [f"{line}\n" for line in given]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["user,imdb_id,rating", "u,tt0133093,8"], Rating("u", "tt0133093", None, 8)),
        (["\ufeffUser ID;TMDB-Id;Score", "7;603;4,5"], Rating("7", None, 603, 4.5)),
        (
            ["userId,movieId,rating,timestamp,imdbId,tmdbId", "1,1,4.0,9,0114709,862.0"],
            Rating("1", "tt0114709", 862, 4),
        ),
        (['Const,"Your Rating",Title', 'tt0133093,9,"A, B"'], Rating("you", "tt0133093", None, 9)),
        (
            ["user\tmovie\trating", "u\thttps://example.org/title/tt0133093/\t1"],
            Rating("u", "tt0133093", None, 1),
        ),
    ],
)  # fmt: skip
def test_columns_may_be_called_as_people_call_them(
    given: list[str], expected: Rating
) -> None:
    """Whatever case, order, separator and further columns."""
    assert read(lines(*given), name="r.csv").ratings == [expected]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "r.csv is empty"),
        (["user,rating", "u,1"], "r.csv, line 1: no column imdb_id or tmdb_id"),
        (["user,tmdb_id", "u,1"], "r.csv, line 1: no column rating"),
        (["user,tmdb_id,rating", "u,603,8", "u,603,great"], "r.csv, line 3, column rating: 'great' is no rating"),
        (["user,tmdb_id,rating", "u,603,nan"], "r.csv, line 2, column rating: 'nan' is no rating"),
        (["user,tmdb_id,rating", "u,matrix,8"], "r.csv, line 2, column tmdb_id: 'matrix' is no TMDb id"),
        (["user,tmdb_id,rating", f"u,{'9' * 5000},8"], "r.csv, line 2, column tmdb_id: '9999"),
        (["user,imdb_id,rating", f"u,{'9' * 5000},8"], "r.csv, line 2, column imdb_id: '9999"),
        (["user,imdb_id,rating", "u,nm1,8"], "r.csv, line 2, column imdb_id: 'nm1' is no IMDb id"),
        (["user,tmdb_id,rating", ",603,8"], "r.csv, line 2, column user: is empty"),
        (["user,tmdb_id,rating", "u,603"], "r.csv, line 2, column rating: is missing"),
        (["userId,movieId,rating", "1,1,4"], "r.csv, line 2, column movieId: '1' is an id of the file's own"),
        (["user,tmdb_id,rating", 'u,603,"8'], "r.csv, after line 1: "),
        (["user,tmdb_id,rating"], "r.csv holds no rating"),
        (["user,tmdb_id,rating", "u,603,101"], "r.csv: ratings go up to 101"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_line_and_column(
    given: list[str], told: str
) -> None:
    """Nothing of the file counts then."""
    with pytest.raises(RatingsError) as caught:
        read(lines(*given), name="r.csv")

    assert told in str(caught.value)


def test_rows_without_a_film_are_counted() -> None:
    """MovieLens has films of which it knows no id elsewhere."""
    found = read(lines("user,tmdb_id,rating", "u,,5", "", "u,603,5"), name="r.csv")

    assert (len(found.ratings), found.without_film) == (1, 1)


@pytest.mark.parametrize(
    ("highest", "liked_from"), [("1", 0.8), ("4.5", 4), ("9", 8), ("77", 80)]
)
def test_the_scale_is_found_from_the_ratings(highest: str, liked_from: float) -> None:
    """Liked is what has four fifths of it."""
    found = read(lines("tmdb,rating", f"1,{highest}", "2,0"), name="r.csv")

    assert found.liked_from == pytest.approx(liked_from)
