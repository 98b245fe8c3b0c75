"""
What OMDb's refusals mean: it tells them by their words, with HTTP 200 or 401.

Source: recorded bodies; https://github.com/omdbapi/OMDb-API/issues/55, 124, 126
"""

from typing import Final

from cinegraph.errors import (
    AbsentAtSourceError,
    SourceExhaustedError,
    SourceRejectedError,
    UndecodableError,
)
from cinegraph.sources.answers import GENERAL_ANSWERS, AnswerRule, rule

_ANY_STATUS: Final = range(200, 500)
_KEY_STATUSES: Final = range(401, 404)

OMDB_ANSWERS: Final = (
    # "Request limit reached!", "Daily request limit reached!": with 401, so before the key is blamed.
    AnswerRule(
        _ANY_STATUS,
        SourceExhaustedError,
        "the requests of the day are used up",
        text="limit reached",
    ),
    # "Invalid API key!", "No API key provided."
    AnswerRule(
        _KEY_STATUSES, SourceRejectedError, "the key is not accepted", text="API key"
    ),
    # "Movie not found!", "Series not found!", "Episode not found!"
    rule(200, AbsentAtSourceError, "OMDb does not have it", text="not found!"),
    rule(200, AbsentAtSourceError, "OMDb knows no such id", text="Incorrect IMDb ID"),
    # Not a fault that passes: told of the same ids for years, of ids that OMDb does not hold.
    rule(200, AbsentAtSourceError, "OMDb has no data", text="Error getting data"),
    # Whatever else it says says nothing of the title.
    rule(200, UndecodableError, "OMDb does not answer the question"),
    *GENERAL_ANSWERS,
)
"""OMDb's own words before what holds for every source."""
