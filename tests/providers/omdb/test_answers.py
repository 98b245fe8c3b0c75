"""What OMDb's refusals mean, by their words."""

import json
from pathlib import Path

import pytest

from cinegraph.errors import (
    AbsentAtSourceError,
    Disposition,
    RequestRefusedError,
    SourceError,
    SourceExhaustedError,
    SourceRejectedError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.sources.answers import find_rule, parse_error_body, to_error
from cinegraph.sources.providers.omdb.answers import OMDB_ANSWERS
from cinegraph.sources.providers.omdb.payloads import decode_title

MEANINGS: list[tuple[int, str, type[SourceError], Disposition]] = [
    (200, "Movie not found!", AbsentAtSourceError, Disposition.ABSENT),
    (200, "Series not found!", AbsentAtSourceError, Disposition.ABSENT),
    (200, "Incorrect IMDb ID.", AbsentAtSourceError, Disposition.ABSENT),
    (200, "Error getting data.", AbsentAtSourceError, Disposition.ABSENT),
    (200, "Too many results.", UndecodableError, Disposition.RETRY),
    (200, "Something went wrong.", UndecodableError, Disposition.RETRY),
    (200, "", UndecodableError, Disposition.RETRY),
    (401, "Request limit reached!", SourceExhaustedError, Disposition.DEFER),
    (401, "Daily request limit reached!", SourceExhaustedError, Disposition.DEFER),
    (401, "DAILY REQUEST LIMIT REACHED", SourceExhaustedError, Disposition.DEFER),
    (200, "Request limit reached!", SourceExhaustedError, Disposition.DEFER),
    (429, "Request limit reached!", SourceExhaustedError, Disposition.DEFER),
    (401, "Invalid API key!", SourceRejectedError, Disposition.HALT),
    (401, "No API key provided.", SourceRejectedError, Disposition.HALT),
    (403, "Invalid API key!", SourceRejectedError, Disposition.HALT),
    (401, "", SourceUnavailableError, Disposition.RETRY),
    (401, "Go away.", SourceUnavailableError, Disposition.RETRY),
    (403, "", SourceUnavailableError, Disposition.RETRY),
    (404, "Movie not found!", SourceUnavailableError, Disposition.RETRY),
    (400, "Bad request", SourceUnavailableError, Disposition.RETRY),
    (429, "", SourceThrottledError, Disposition.SNOOZE),
    (500, "", SourceUnavailableError, Disposition.RETRY),
    (522, "", SourceUnavailableError, Disposition.RETRY),
    (524, "", SourceUnavailableError, Disposition.RETRY),
]


@pytest.mark.parametrize(("status", "said", "error", "disposition"), MEANINGS)
def test_every_refusal_has_its_error(
    status: int, said: str, error: type[SourceError], disposition: Disposition
) -> None:
    """Its words decide; without words of its own nothing is definitive and no key is blamed."""
    body = json.dumps({"Response": "False", "Error": said}).encode()
    words = parse_error_body(body).words
    made = to_error(
        find_rule(OMDB_ANSWERS, status, None, words),
        status=status,
        said=words,
        source="omdb",
        endpoint="title",
        external_id="tt5",
        retry_after_seconds=None,
        body=body,
    )

    assert type(made) is error
    assert made.disposition is disposition
    told = f"{made} {getattr(made, '__notes__', '')}"
    assert said in told or error is SourceThrottledError


def test_no_answer_of_omdb_refuses_the_question() -> None:
    """We ask one kind of question; that it is wrong would be a mistake for good."""
    assert not [row for row in MEANINGS if row[2] is RequestRefusedError]


@pytest.mark.recorded
def test_recorded_error_bodies(recorded_data: Path) -> None:
    """Every recorded error has the meaning its words ask for, and none passes as a title."""
    rows = json.loads((recorded_data / "omdb/error_bodies.json").read_bytes())
    expected = {
        "Movie not found!": AbsentAtSourceError,
        "Incorrect IMDb ID.": AbsentAtSourceError,
        "Error getting data.": AbsentAtSourceError,
        "Request limit reached!": SourceExhaustedError,
        "Daily request limit reached!": SourceExhaustedError,
        "No API key provided.": SourceRejectedError,
        "Invalid API key!": SourceRejectedError,
        "Too many results.": UndecodableError,
    }
    told = set()
    for row in rows:
        body = row["body_text"].encode()
        said = parse_error_body(body)
        if not row["valid_json"]:
            assert not said.is_refusal
            with pytest.raises(UndecodableError):
                decode_title(body)
            continue
        assert said.is_refusal
        rule = find_rule(OMDB_ANSWERS, row["http_status"], None, said.words)
        assert rule.error is expected[said.words]
        told.add(said.words)

    assert told == set(expected)
