"""Films and people as pages show them: found by name, and each with all that is known of it."""

import msgspec

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.references import MovieNotFoundError, parse_reference
from cinegraph.api.relating import PersonNotFoundError
from cinegraph.catalog import browse, change_log, searching, showing
from cinegraph.catalog.browse import MovieDetails
from cinegraph.catalog.searching import (
    FilmSearch,
    FoundFilms,
    FoundPeople,
    Genre,
)
from cinegraph.enrichment.collaborations import browse as collaborations
from cinegraph.enrichment.collaborations.browse import (
    Collaborator,
    FilmPair,
    SharedFilm,
)
from cinegraph.enrichment.cri import browse as scores
from cinegraph.enrichment.lists import browse as lists
from cinegraph.festivals.honours import Honour, list_honours
from cinegraph.monitoring import insights
from cinegraph.monitoring.stories import explain_movie

_COLLABORATORS = 12


class FilmShown(msgspec.Struct, frozen=True, kw_only=True):
    """A film, and what each part of the catalogue knows of it."""

    film: MovieDetails
    why: str
    """Why it is fresh, stale or failing."""
    extras: showing.FilmExtras
    credits: list[showing.CreditShown]
    honours: list[Honour]
    lists: list[lists.Membership]
    score: scores.StoredScore | None
    """None: it was never scored."""


class FilmProvenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where what is known of a film comes from, and what was done about it."""

    film: MovieDetails
    why: str
    extras: showing.FilmExtras
    trace: insights.MovieTrace
    changes: list[change_log.Change]
    """The last ones, the newest first."""


class PersonPage(msgspec.Struct, frozen=True, kw_only=True):
    """A person, their films, and with whom they made them."""

    person: showing.PersonShown
    films: list[showing.Work]
    """The newest first."""
    honours: list[Honour]
    collaborators: list[Collaborator]
    """Those with most films together first."""
    shared: dict[int, list[SharedFilm]]
    """By TMDB's id of a collaborator, the newest films together."""


class Showing(Connection):
    """What pages read of films and people; asks no upstream and changes nothing."""

    async def search_films(
        self, search: FilmSearch, *, page_size: int = 50
    ) -> FoundFilms:
        """
        Return a page of films by words of their titles, years, genre and state.

        Raises:
            UsageError: The place to go on from is none.
        """
        async with self._app.pool.connection() as conn:
            return await searching.search_films(conn, search, page_size=page_size)

    async def list_genres(self) -> list[Genre]:
        """Return the genres that films have, by name."""
        async with self._app.pool.connection() as conn:
            return await searching.list_genres(conn)

    async def search_people(self, name: str, *, page_size: int = 50) -> FoundPeople:
        """Return people whose names have all words of *name*; of no word, who made the films most people ask for."""
        async with self._app.pool.connection() as conn:
            if name.strip():
                return await searching.search_people(conn, name, page_size=page_size)
            return await searching.list_popular_people(conn, page_size=page_size)

    async def find_movie_id(self, reference: str | int) -> int | None:
        """
        Return our id of a stored film; None: it is not stored.

        Raises:
            UsageError: The reference is none of "n", "tt…", "#n".
        """
        kind, number = parse_reference(reference)
        async with self._app.pool.connection() as conn:
            return await browse.find_id(conn, kind, number)

    async def get_film(self, movie_id: int) -> MovieDetails:
        """
        Return a stored film by our id.

        Raises:
            MovieNotFoundError: There is none.
        """
        async with self._app.pool.connection() as conn:
            return _require(await browse.find_details(conn, movie_id), movie_id)

    async def show_film(self, movie_id: int) -> FilmShown:
        """
        Return a film, and what each part of the catalogue knows of it.

        Raises:
            MovieNotFoundError: There is none of that id (ours).
        """
        now = clock.now()
        async with self._app.pool.connection() as conn:
            film = _require(await browse.find_details(conn, movie_id), movie_id)
            extras = await showing.find_extras(conn, movie_id)
            trace = await insights.trace_movie(conn, film.tmdb_id, now=now)
            return FilmShown(
                film=film,
                why=explain_movie(film, trace),
                extras=_require(extras, movie_id),
                credits=await showing.list_credits(conn, movie_id),
                honours=await list_honours(conn, movie_id=movie_id),
                lists=await lists.list_memberships(conn, movie_id),
                score=await scores.find_stored(conn, movie_id),
            )

    async def show_provenance(self, movie_id: int) -> FilmProvenance:
        """
        Return where what is known of a film comes from.

        Raises:
            MovieNotFoundError: There is none of that id (ours).
        """
        now = clock.now()
        async with self._app.pool.connection() as conn:
            film = _require(await browse.find_details(conn, movie_id), movie_id)
            extras = await showing.find_extras(conn, movie_id)
            trace = await insights.trace_movie(conn, film.tmdb_id, now=now)
            return FilmProvenance(
                film=film,
                why=explain_movie(film, trace),
                extras=_require(extras, movie_id),
                trace=trace,
                changes=await change_log.list_history(conn, "movie", movie_id),
            )

    async def list_film_pairs(self, movie_id: int) -> list[FilmPair]:
        """Return who of a film (our id) made most films with one another."""
        async with self._app.pool.connection() as conn:
            return await collaborations.list_film_pairs(conn, movie_id)

    async def find_person_id(self, tmdb_id: int) -> int | None:
        """Return our id of a stored person named by TMDB's; None: nobody is."""
        async with self._app.pool.connection() as conn:
            return await showing.find_person_id(conn, tmdb_id)

    async def show_person(self, person_id: int) -> PersonPage:
        """
        Return a person, their films, nominations and collaborators.

        Raises:
            PersonNotFoundError: There is nobody of that id (ours).
        """
        async with self._app.pool.connection() as conn:
            person = await showing.find_person(conn, person_id)
            if person is None:
                raise PersonNotFoundError(
                    f"there is nobody #{person_id}",
                    hint="Look for the name under People.",
                )
            others = await collaborations.list_collaborators(
                conn, person_id, limit=_COLLABORATORS
            )
            return PersonPage(
                person=person,
                films=await showing.list_filmography(conn, person_id),
                honours=await list_honours(conn, person_id=person_id),
                collaborators=others,
                shared=await collaborations.list_shared_films(
                    conn, person_id, [one.tmdb_id for one in others]
                ),
            )


def _require[T](found: T | None, movie_id: int) -> T:
    if found is None:
        raise MovieNotFoundError(
            f"there is no film #{movie_id}",
            hint="Look for its title, or for TMDB's or IMDb's id, under Films.",
        )
    return found
