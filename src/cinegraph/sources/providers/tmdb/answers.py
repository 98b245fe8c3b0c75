"""
What TMDB's refusals mean, by HTTP status and the `status_code` in the body.

Source: https://developer.themoviedb.org/docs/errors
"""

from typing import Final

from cinegraph.errors import AbsentAtSourceError, RequestRefusedError
from cinegraph.sources.answers import GENERAL_ANSWERS, rule

TMDB_ANSWERS: Final = (
    rule(404, AbsentAtSourceError, "the resource could not be found", code=34),
    rule(404, AbsentAtSourceError, "the id is invalid or not found", code=6),
    # These refuse one resource or a user's session; the key itself is good.
    rule(401, RequestRefusedError, "no permission to write", code=36),
    rule(401, RequestRefusedError, "no permission to edit this", code=38),
    rule(401, RequestRefusedError, "this is private", code=39),
    rule(403, RequestRefusedError, "it is there already", code=8),
    *GENERAL_ANSWERS,
)
"""TMDB's own words before what holds for every source."""
