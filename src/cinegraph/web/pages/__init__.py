"""
The pages: a module a subject, a function a page, a template beside it in `templates/pages`.

A page's function takes a `PageRequest` and returns what its template shows. It reads through `cinegraph.api`, what many
look at through `readings`, and writes nothing. Imported by `web.app`. To add a page, write the function under `@page`
and import its module in `SUBJECTS` here.
"""

from cinegraph.web.pages import (
    about,
    alerts,
    api,
    audit,
    enrichment,
    festivals,
    films,
    jobs,
    lists,
    machinery,
    overview,
    people,
    quality,
    runs,
    starting,
)
from cinegraph.web.pages.page import PAGES, Page

SUBJECTS = (
    overview,
    runs,
    starting,
    jobs,
    machinery,
    alerts,
    films,
    people,
    festivals,
    lists,
    enrichment,
    quality,
    audit,
    api,
    about,
)
"""In the order of the menu."""

_PLACES = {subject.__name__: place for place, subject in enumerate(SUBJECTS)}
PAGES.sort(key=lambda each: _PLACES[each.read.__module__])

__all__ = ["PAGES", "SUBJECTS", "Page"]
