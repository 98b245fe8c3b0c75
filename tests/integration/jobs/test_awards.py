"""Nominations complete themselves through real jobs: the film arrives, and so do its nominees."""

from pathlib import Path

import pytest

from cinegraph.sources.providers.oscars_table.table import COLUMNS
from deployments import Deployment


@pytest.mark.parametrize("way", ["job", "file"])
async def test_a_film_that_arrives_completes_its_nominations(
    deployment: Deployment, tmp_path: Path, way: str
) -> None:
    """The edition was stored when nobody had the film; it comes by a job, or from a file."""
    movies = (
        deployment.world.movie(i) for i in deployment.world.list_ids("popular", 1)
    )
    movie = next(movie for movie in movies if movie and movie.imdb_id and movie.credits)
    star = next(credit for credit in movie.credits if credit.kind == "cast")
    name = next(p.name for p in movie.people if p.tmdb_id == star.person_tmdb_id)
    cells = {
        "Ceremony": "96",
        "Year": "2023",
        "Class": "Acting",
        "CanonicalCategory": "ACTRESS",
        "Category": "ACTRESS",
        "Film": movie.title,
        "FilmId": movie.imdb_id,
        "Name": name,
        "Nominees": f"{name}|Nobody Else",
    }
    row = "\t".join(cells.get(column) or "" for column in COLUMNS)
    file = tmp_path / "oscars.csv"
    file.write_text("\t".join(COLUMNS) + f"\n{row}\n")
    await deployment.c.import_awards_file("oscars", file)
    [before] = await deployment.c.show_edition("oscars", 2024)

    if way == "job":
        run = await deployment.c.import_movies([movie.tmdb_id])
        await deployment.finish(run)
    else:
        document = tmp_path / "film.json"
        document.write_bytes(deployment.script.body(movie.tmdb_id))
        await deployment.c.load_documents(document)

    [after] = await deployment.c.show_edition("oscars", 2024)
    assert before.films[0].tmdb_id is None
    assert after.films[0].tmdb_id == movie.tmdb_id
    assert [nominee.tmdb_id for nominee in after.nominees] == [
        star.person_tmdb_id,
        None,
    ]
    [festival, *_] = await deployment.c.list_festivals()
    assert (festival.linked_films, festival.linked_people, festival.people) == (1, 1, 2)
