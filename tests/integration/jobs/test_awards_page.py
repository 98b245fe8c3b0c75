"""oscars.org: asked for one page a ceremony, only where that is switched on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from cinegraph import clock
from cinegraph.sandbox import InventedContent, SandboxSettings, World
from deployments import Deploy, Deployment, Script, deploy
from hurry import shorten_delays
from nominations import nominated_films

PAGE = """
<html><head><title>The 96th Academy Awards | 2024</title></head>
<div class="paragraph--type--award-category">
  <div class="field--name-field-award-category-oscars">Directing</div>
  {honorees}
</div></html>
"""
HONOREE = """
<div class="paragraph--type--award-honoree">
  <div class="field--name-field-honoree-type">{kind}</div>
  <div class="field--name-field-award-entities"><div>{name}</div></div>
  <div class="field--name-field-award-film">{film}</div>
</div>
"""


@asynccontextmanager
async def page_server(body: str, asked: list[web.Request]) -> AsyncIterator[str]:
    """Serve the page of 2024 on a real socket; give the address."""

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        if request.match_info["year"] != "2024":
            raise web.HTTPNotFound
        return web.Response(text=body, content_type="text/html")

    app = web.Application()
    app.router.add_get("/ceremonies/{year}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        [address] = runner.addresses
        yield f"http://127.0.0.1:{address[1]}/ceremonies"
    finally:
        await runner.cleanup()


async def test_a_page_without_ids_is_fetched_once_and_linked(
    database_url: str,
    sandbox_settings: SandboxSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """One polite request; the films are searched for by title and year, the nominees found in their credits."""
    shorten_delays(monkeypatch.setattr)
    world = World(films=3000, seed=3)
    films = [
        film
        for film in nominated_films(world, 80)
        if film.released_on is not None and film.released_on.year in {2022, 2023}
    ][:3]
    directors = [
        next(c.person_tmdb_id for c in film.credits if c.job == "Director")
        for film in films
    ]
    names = [world.person(tmdb_id).name for tmdb_id in directors]  # type: ignore[union-attr]
    honorees = "".join(
        HONOREE.format(kind="Nominees" if n else "Winner", name=name, film=film.title)
        for n, (name, film) in enumerate(zip(names, films, strict=True))
    )
    asked: list[web.Request] = []
    async with (
        page_server(PAGE.format(honorees=honorees), asked) as address,
        deploy(
            world,
            Script(world),
            sandbox_settings,
            content=InventedContent(world),
            database_url=database_url,
            home=tmp_path,
            oscars_org=True,
            oscars_org_url=address,
        ) as deployment,
    ):
        await check(deployment, asked, [film.tmdb_id for film in films], directors)


async def check(
    deployment: Deployment,
    asked: list[web.Request],
    films: list[int],
    directors: list[int],
) -> None:
    """Import the page, and look at what came of it."""
    started = await deployment.c.import_festival(
        "oscars", year=2024, source="oscars_org"
    )
    run = await deployment.finish(started.run_id)

    assert films, "the world has films of that year"
    assert run.state == "completed", run
    assert [request.path for request in asked] == ["/ceremonies/2024"]
    assert asked[0].headers["User-Agent"].startswith("cinegraph/")
    shown = await deployment.c.show_edition("oscars", 2024)
    assert {each.films[0].tmdb_id for each in shown} == set(films)
    assert {each.nominees[0].tmdb_id for each in shown} == set(directors)
    status = await deployment.c.get_awards_status("oscars")
    assert ("film", "title") in {(each.thing, each.stage) for each in status.stages}


async def test_the_newest_page_is_taken_where_the_next_is_not_there_yet(
    deploy_here: Deploy, world: World
) -> None:
    """In December the calendar guesses at the coming ceremony, of which there is no page."""
    honoree = HONOREE.format(kind="Winner", name="Nobody", film="Nothing")
    asked: list[web.Request] = []
    async with (
        page_server(PAGE.format(honorees=honoree), asked) as address,
        deploy_here(
            content=InventedContent(world), oscars_org=True, oscars_org_url=address
        ) as deployment,
    ):
        with clock.frozen(datetime(2024, 12, 20, tzinfo=UTC)):
            started = await deployment.c.import_festival("oscars", source="oscars_org")
            run = await deployment.finish(started.run_id)

        assert run.state == "completed", run
        assert [request.path for request in asked] == [
            "/ceremonies/2025",
            "/ceremonies/2024",
        ]
        assert await deployment.fetch("SELECT year FROM festival_ceremonies") == [2024]
