"""Whose data it is, and on what terms."""

from cinegraph.web.pages.page import Context, PageRequest, page


@page("/about", name="about", title="Sources and terms", seconds=None)
async def about(request: PageRequest) -> Context:
    """Show the sources' terms, and which of them are switched on here."""
    settings = request.c.settings
    return {
        "uses_omdb": settings.omdb is not None,
        "shows_posters": settings.posters,
    }
