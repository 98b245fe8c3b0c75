"""Films and people of a nominations table in an invented world."""

import json
from itertools import pairwise
from typing import Any

import pytest

from cinegraph.errors import UndecodableError
from cinegraph.records.movie import CreditKind, MovieRecord
from cinegraph.sandbox import AwardedWorld, Imperfections, InventedContent, World
from cinegraph.sandbox.routes import Routes
from cinegraph.sources.providers.oscars_table.table import COLUMNS
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS, decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record

_NONE = Imperfections(0, 0, 0, 0, 0, 0, 0)
_KINDS = (
    ("Acting", "ACTRESS IN A LEADING ROLE", None, None),
    ("Directing", "DIRECTING", "Directing", "Director"),
    ("Writing", "WRITING (Original Screenplay)", "Writing", "Screenplay"),
    ("Music", "MUSIC (Original Score)", "Sound", "Original Music Composer"),
    ("Music", "MUSIC (Original Song)", "Sound", "Songs"),
    ("Production", "CINEMATOGRAPHY", "Camera", "Director of Photography"),
    ("Production", "FILM EDITING", "Editing", "Editor"),
    ("Production", "ART DIRECTION", "Art", "Art Direction"),
    ("Production", "COSTUME DESIGN", "Costume & Make-Up", "Costume Design"),
    ("Production", "MAKEUP AND HAIRSTYLING", "Costume & Make-Up", "Makeup Artist"),
    ("Production", "SOUND MIXING", "Sound", "Sound Re-Recording Mixer"),
    (
        "Production",
        "VISUAL EFFECTS",
        "Visual Effects",
        "Visual Effects Supervisor",
    ),
    ("Title", "BEST PICTURE", "Production", "Producer"),
    ("Title", "DOCUMENTARY (Feature)", "Production", "Producer"),
)
_GIVEN = ("Wanda", "Ömer", "Tiago", "Ming", "Ada Lou", "Ruth")
_FAMILY = ("Wong", "Quill", "Ångström", "Brandauer", "Zyskind", "Ferro Jr.", "Okoro")


def _line(**cells: str) -> str:
    """Write a row without the empty cells at its end."""
    return "\t".join(cells.get(name, "") for name in COLUMNS).rstrip("\t")


def _table(*lines: str) -> bytes:
    """Write a table."""
    return "\n".join(("\t".join(COLUMNS), *lines, "")).encode()


def _nomination(place: int, films: int = 400) -> str:
    """Write a nomination of one of so many films, for everything in turn."""
    kind, category, _, _ = _KINDS[place % len(_KINDS)]
    film, person = place % films, place % 1_500
    # Every person has a name of their own, so that namesakes are those that are meant.
    name = f"{_GIVEN[person % 6]} {chr(66 + person // 42)}{_FAMILY[person % 7].lower()}"
    return _line(
        Ceremony=str(1 + film % 98),
        Year="1927/28" if film % 98 == 0 else str(1927 + film % 98),
        Class=kind,
        CanonicalCategory=category,
        Category=category,
        Film=f"The {film}th Story",
        FilmId=f"tt{1_000_000 + film}",
        Nominees=name,
        NomineeIds=f"nm{2_000_000 + person}",
        Detail=f"Role {place}" if kind == "Acting" else "",
    )


_TABLE = _table(*(_nomination(place) for place in range(3_000)))


@pytest.fixture(scope="module")
def awarded() -> AwardedWorld:
    """Make a world as imperfect as is usual."""
    return AwardedWorld(World(300, seed=4), _TABLE)


@pytest.fixture(scope="module")
def routes(awarded: AwardedWorld) -> Routes:
    """Make routes into it."""
    return Routes(InventedContent(awarded.world, awarded))


def _told(routes: Routes, path: str, **query: str) -> dict[str, Any]:
    """Ask, and read what is told."""
    body = routes.answer(f"/3{path}", query, "").body
    told: dict[str, Any] = json.loads(body.plain())
    return told


def _credit(movie: MovieRecord, tmdb_id: int) -> list[tuple[str | None, str | None]]:
    """List what a person did in a film."""
    return [
        (credit.department, credit.job)
        for credit in movie.credits
        if credit.person_tmdb_id == tmdb_id
    ]


def _get(world: AwardedWorld, imdb_id: str) -> MovieRecord:
    """Give a film that is there."""
    movie = world.movie(world.truth.films[imdb_id])
    assert movie is not None
    return movie


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind[1])
def test_a_nominee_stands_where_the_category_says(
    kind: tuple[str, str, str | None, str | None],
) -> None:
    """Actors in the cast with their character, others in their department and job."""
    line = _line(
        Ceremony="96",
        Year="2023",
        Class=kind[0],
        CanonicalCategory=kind[1],
        Category="WHATEVER",
        Film="The Film",
        FilmId="tt0000007",
        Nominees="Ada Quill",
        NomineeIds="nm0000009",
        Detail="Aunt May",
    )
    world = AwardedWorld(World(50), _table(line), _NONE)
    movie = _get(world, "tt0000007")

    assert movie.title == "The Film"
    assert movie.released_on is not None
    assert movie.released_on.year == 2023
    assert _credit(movie, world.truth.people["nm0000009"]) == [kind[2:]]
    if kind[2] is None:
        assert movie.credits[0].kind is CreditKind.CAST
        assert movie.credits[0].character == "Aunt May"
        assert movie.credits[0].position == 0


def test_without_imperfections_all_can_be_found() -> None:
    """Every film is there under its title, every person in its credits, and nobody is mistaken."""
    world = AwardedWorld(World(300, seed=4), _TABLE, _NONE)
    truth = world.truth

    assert len(truth.films) == 400
    assert (truth.shows, truth.missing) == ({}, frozenset())
    assert truth.findable == truth.people.keys()
    for (film, _), link in truth.links.items():
        assert (link.is_linkable, link.is_credited) == (True, True)
        assert not link.is_alias
        names = {p.tmdb_id: p.name for p in _get(world, film).people}
        assert names[link.person_tmdb_id] == link.name


def test_two_processes_have_the_same_world(awarded: AwardedWorld) -> None:
    """What is imperfect goes by seed and id, not by what else is in the table."""
    fewer = _table(*(_nomination(place) for place in range(500)))
    other = AwardedWorld(World(300, seed=4), fewer)

    assert other.truth.missing == awarded.truth.missing
    assert other.truth.findable <= awarded.truth.findable
    ids = list(other.truth.links)
    assert [other.truth.links[each].is_credited for each in ids] == [
        awarded.truth.links[each].is_credited for each in ids
    ]


def test_another_seed_is_imperfect_elsewhere(awarded: AwardedWorld) -> None:
    """The shares stay, those who are struck do not."""
    other = AwardedWorld(World(300, seed=5), _TABLE).truth

    assert other.findable != awarded.truth.findable


def test_shares_are_what_they_say() -> None:
    """Of many films and people each imperfection strikes about its share."""
    table = _table(*(_nomination(place, 2_999) for place in range(6_000)))
    world = AwardedWorld(World(300, seed=4), table)
    truth, shares = world.truth, world.shares
    links = truth.links.values()
    titles = [
        _get(world, one).title != f"The {int(one[3:])}th Story" for one in truth.films
    ]

    def share(found: int, count: int) -> float:
        return found / count

    people = len(truth.people)
    films = len(truth.films) + len(truth.shows) + len(truth.missing)
    there = [link for (film, _), link in truth.links.items() if film in truth.films]
    aliases = {link.person_tmdb_id for link in links if link.is_alias}
    unfindable = people - len(truth.findable)
    assert share(len(truth.missing), films) == pytest.approx(
        shares.film_missing, abs=0.006
    )
    assert share(len(truth.shows), films) == pytest.approx(
        shares.film_is_show, abs=0.005
    )
    assert share(sum(titles), len(titles)) == pytest.approx(
        shares.other_title, abs=0.02
    )
    assert share(len(aliases), people) == pytest.approx(shares.alias, abs=0.025)
    assert share(unfindable, people) == pytest.approx(
        shares.no_person_imdb_id, abs=0.02
    )
    uncredited = sum(not link.is_credited for link in there)
    assert share(uncredited, len(there)) == pytest.approx(shares.uncredited, abs=0.015)
    namesakes = sum(link.has_namesake for link in there)
    assert share(namesakes, len(there)) == pytest.approx(shares.namesake, abs=0.006)


def test_a_client_meets_what_the_truth_says(
    awarded: AwardedWorld, routes: Routes
) -> None:
    """Films, shows and missing ones, by `/find` and by path."""
    truth = awarded.truth
    assert truth.shows
    assert truth.missing
    for imdb_id in awarded.nominated.films:
        told = _told(routes, f"/find/{imdb_id}", external_source="imdb_id")
        films = [row["id"] for row in told["movie_results"]]
        shows = [row["id"] for row in told["tv_results"]]
        path = _told(routes, f"/movie/{imdb_id}")
        assert films == [truth.films[one] for one in [imdb_id] if one in truth.films]
        assert shows == [truth.shows[one] for one in [imdb_id] if one in truth.shows]
        assert path.get("id") == truth.films.get(imdb_id)
        if films:
            assert path == _told(routes, f"/movie/{films[0]}")
            assert path["imdb_id"] == imdb_id


def test_people_can_be_asked_for(awarded: AwardedWorld, routes: Routes) -> None:
    """By `/find` where TMDB knows their IMDb id, by `/person` always."""
    truth = awarded.truth
    assert 0 < len(truth.findable) < len(truth.people)
    for imdb_id, tmdb_id in truth.people.items():
        rows = _told(routes, f"/find/{imdb_id}")["person_results"]
        person = _told(routes, f"/person/{tmdb_id}", append_to_response="external_ids")
        is_findable = imdb_id in truth.findable
        assert [row["id"] for row in rows] == [tmdb_id] * is_findable
        assert person["imdb_id"] == (imdb_id if is_findable else None)
        assert person["external_ids"]["imdb_id"] == person["imdb_id"]
        if rows:
            assert {row["id"] for row in rows[0]["known_for"]} <= set(
                truth.films.values()
            )


def test_an_alias_tells_the_tables_name_too(
    awarded: AwardedWorld, routes: Routes
) -> None:
    """`also_known_as` has it, where the credits do not."""
    aliases = [link for link in awarded.truth.links.values() if link.is_alias]
    assert aliases
    for link in aliases:
        told = _told(routes, f"/person/{link.person_tmdb_id}")
        assert told["name"] != link.name
        assert link.name in told["also_known_as"]


def test_a_namesake_is_somebody_else(awarded: AwardedWorld, routes: Routes) -> None:
    """Another person of the same name in the same credits, whom `/find` does not know."""
    found = 0
    for (film, _), link in awarded.truth.links.items():
        if not link.has_namesake:
            continue
        movie, found = _get(awarded, film), found + 1
        names = {person.tmdb_id: person.name for person in movie.people}
        others = [
            one
            for one, name in names.items()
            if name == names[link.person_tmdb_id] and one != link.person_tmdb_id
        ]
        [other] = others
        assert _told(routes, f"/person/{other}")["imdb_id"] is None
        mine = {department for department, _ in _credit(movie, link.person_tmdb_id)}
        assert mine.isdisjoint({d for d, _ in _credit(movie, other)})

    assert found


def test_who_is_neither_findable_nor_credited_cannot_be_linked() -> None:
    """A name that two people of a film have is no proof either."""
    lone = AwardedWorld(World(300, seed=4), _TABLE, Imperfections(no_person_imdb_id=1))
    links = lone.truth.links.values()

    assert not any(link.is_findable for link in links)
    assert {link.is_linkable for link in links} == {True, False}
    for link in links:
        assert link.is_linkable is (link.is_credited and not link.has_namesake)


def test_films_are_what_the_client_reads(awarded: AwardedWorld, routes: Routes) -> None:
    """Decoded and transformed, a body is the world's record: the sandbox stays the inverse."""
    for tmdb_id in list(awarded.truth.films.values())[:150]:
        body = routes.answer(
            f"/3/movie/{tmdb_id}", {"append_to_response": ",".join(MOVIE_PARTS)}, ""
        ).body.plain()
        read = to_record(decode_movie(body, expected_id=tmdb_id))
        movie = awarded.movie(tmdb_id)
        assert movie is not None
        assert read == movie


def test_films_are_found_by_either_title(awarded: AwardedWorld, routes: Routes) -> None:
    """The table's and TMDB's; a missing film is not found."""
    for imdb_id, film in list(awarded.nominated.films.items())[:150]:
        rows = _told(routes, "/search/movie", query=film.title)["results"]
        tmdb_id = awarded.truth.films.get(imdb_id)
        assert (tmdb_id in [row["id"] for row in rows]) is (tmdb_id is not None)


def test_omdb_knows_the_tables_films_by_its_titles(awarded: AwardedWorld) -> None:
    """Whatever TMDB calls them, and whether or not it has them."""
    content = InventedContent(awarded.world, awarded)
    known = 0
    for imdb_id, film in awarded.nominated.films.items():
        body = content.title(imdb_id)
        if body is not None:
            known += 1
            assert json.loads(body.plain())["Title"] == film.title

    assert known > 370


def test_an_id_of_the_table_is_nobody_elses() -> None:
    """A film and a person of the seeded world lose the ids that the table names."""
    plain = World(300, seed=4)
    film = next(m for m in map(plain.movie, plain.ids()) if m and m.imdb_id)
    person = next(
        p
        for p in map(plain.people.by_number, range(99))
        if plain.people.imdb_id(p.tmdb_id)
    )
    line = _line(
        Ceremony="96",
        Year="2023",
        Class="Directing",
        CanonicalCategory="DIRECTING",
        Category="DIRECTING",
        Film="The Film",
        FilmId=film.imdb_id or "",
        Nominees="Ada Quill",
        NomineeIds=plain.people.imdb_id(person.tmdb_id) or "",
    )
    world = AwardedWorld(World(300, seed=4), _table(line), _NONE)
    seeded = world.movie(film.tmdb_id)

    assert seeded is not None
    assert seeded.imdb_id is None
    assert world.life(person).imdb_id is None
    assert world.tmdb_id_of(film.imdb_id or "") != film.tmdb_id


def test_ids_fit_the_real_ones(awarded: AwardedWorld) -> None:
    """Below 2³¹ whatever IMDb's id, and far from those of the seeded world."""
    line = _line(
        Ceremony="96",
        Year="2023",
        Class="Directing",
        CanonicalCategory="DIRECTING",
        Category="DIRECTING",
        Film="The Film",
        FilmId="tt999999999",
        Nominees="Ada Quill|Bob Quill",
        NomineeIds="nm999999999|?",
    )
    world = AwardedWorld(World(50), _table(line), Imperfections(0, 1, 0, 0, 0, 0, 0))
    movie = _get(world, "tt999999999")
    people = [person.tmdb_id for person in movie.people if person.tmdb_id > 1_000_000]

    assert len(people) == 3
    assert max(*people, movie.tmdb_id) < 2**31
    assert min(awarded.truth.films.values()) >= 40_000_000
    assert min(awarded.truth.people.values()) >= 50_000_000


def test_credits_keep_their_order(awarded: AwardedWorld) -> None:
    """Nominees stand first; positions rise in the cast and in the crew."""
    for imdb_id in list(awarded.truth.films)[:100]:
        for kind in CreditKind:
            places = [
                c.position or 0
                for c in _get(awarded, imdb_id).credits
                if c.kind is kind
            ]
            assert all(one < next_ for one, next_ in pairwise(places))


def test_what_is_no_table_is_refused() -> None:
    """A web page names no films."""
    with pytest.raises(UndecodableError):
        AwardedWorld(World(50), b"<html></html>")
