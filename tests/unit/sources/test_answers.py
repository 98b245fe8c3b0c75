"""What refusals mean: every row of the table, every form of Retry-After."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
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
from cinegraph.sources.answers import (
    GENERAL_ANSWERS,
    find_rule,
    parse_error_body,
    parse_retry_after,
    rule,
    to_error,
)
from cinegraph.sources.providers.tmdb.answers import TMDB_ANSWERS

MEANINGS: list[tuple[int, int | None, type[SourceError], Disposition]] = [
    # TMDB's documented refusals, then the same statuses in nobody's words.
    (404, 34, AbsentAtSourceError, Disposition.ABSENT),
    (404, 6, AbsentAtSourceError, Disposition.ABSENT),
    (404, 37, SourceUnavailableError, Disposition.RETRY),
    (404, None, SourceUnavailableError, Disposition.RETRY),
    (410, None, SourceUnavailableError, Disposition.RETRY),
    (401, 7, SourceRejectedError, Disposition.HALT),
    (401, 10, SourceRejectedError, Disposition.HALT),
    (401, 3, SourceRejectedError, Disposition.HALT),
    (401, 30, SourceRejectedError, Disposition.HALT),
    (401, None, SourceUnavailableError, Disposition.RETRY),
    (401, 36, RequestRefusedError, Disposition.FAIL),
    (401, 38, RequestRefusedError, Disposition.FAIL),
    (401, 39, RequestRefusedError, Disposition.FAIL),
    (403, 45, SourceRejectedError, Disposition.HALT),
    (403, None, SourceUnavailableError, Disposition.RETRY),
    (403, 8, RequestRefusedError, Disposition.FAIL),
    (400, 22, RequestRefusedError, Disposition.FAIL),
    (400, 27, RequestRefusedError, Disposition.FAIL),
    (405, 4, RequestRefusedError, Disposition.FAIL),
    (406, 19, RequestRefusedError, Disposition.FAIL),
    (422, 20, RequestRefusedError, Disposition.FAIL),
    (400, None, SourceUnavailableError, Disposition.RETRY),
    (422, None, SourceUnavailableError, Disposition.RETRY),
    (418, None, SourceUnavailableError, Disposition.RETRY),
    (408, None, SourceUnavailableError, Disposition.RETRY),
    (429, 25, SourceThrottledError, Disposition.SNOOZE),
    (429, None, SourceThrottledError, Disposition.SNOOZE),
    (500, 11, SourceUnavailableError, Disposition.RETRY),
    (501, 2, SourceUnavailableError, Disposition.RETRY),
    (502, 43, SourceUnavailableError, Disposition.RETRY),
    (503, 9, SourceUnavailableError, Disposition.RETRY),
    (503, 46, SourceUnavailableError, Disposition.RETRY),
    (504, 24, SourceUnavailableError, Disposition.RETRY),
    (522, None, SourceUnavailableError, Disposition.RETRY),
    (301, None, SourceUnavailableError, Disposition.RETRY),
    (304, None, SourceUnavailableError, Disposition.RETRY),
    (202, None, UndecodableError, Disposition.RETRY),
    (204, None, UndecodableError, Disposition.RETRY),
    (999, None, SourceUnavailableError, Disposition.RETRY),
]


@pytest.mark.parametrize(("status", "code", "error", "disposition"), MEANINGS)
def test_every_refusal_has_its_error(
    status: int,
    code: int | None,
    error: type[SourceError],
    disposition: Disposition,
) -> None:
    """A status with a code of TMDB's is one error with one disposition."""
    found = find_rule(TMDB_ANSWERS, status, code)
    made = to_error(
        found,
        status=status,
        said="said so",
        source="tmdb",
        endpoint="movie",
        external_id="movie 5",
        retry_after_seconds=None,
        body=b"",
    )

    assert type(made) is error
    assert made.disposition is disposition
    assert (made.source, made.endpoint) == ("tmdb", "movie")


def test_every_row_of_the_table_is_reached() -> None:
    """No row stands behind another that always fits first."""
    reached = {
        TMDB_ANSWERS.index(find_rule(TMDB_ANSWERS, status, code))
        for status, code, _, _ in MEANINGS
    }

    assert reached == set(range(len(TMDB_ANSWERS)))


def test_the_table_is_complete() -> None:
    """Every status has a meaning, with a code and without."""
    for status in range(1000):
        assert find_rule(GENERAL_ANSWERS, status, None)
        assert find_rule(GENERAL_ANSWERS, status, 1)


def test_a_rule_may_ask_for_words() -> None:
    """Whatever their case; an answer without them is another rule's."""
    used_up = rule(401, SourceExhaustedError, "used up", text="limit reached")
    rules = (used_up, *GENERAL_ANSWERS)

    assert find_rule(rules, 401, None, "Daily Request LIMIT reached!") is used_up
    assert find_rule(rules, 401, None, "Invalid API key!").error is (
        SourceUnavailableError
    )
    assert find_rule(rules, 402, None, "limit reached").error is SourceUnavailableError


def test_words_change_nothing_for_sources_that_number_their_refusals() -> None:
    """No rule of TMDB's asks for words."""
    for status, code, error, _ in MEANINGS:
        assert find_rule(TMDB_ANSWERS, status, code, "limit reached").error is error


@pytest.mark.parametrize(
    ("body", "words", "is_refusal"),
    [
        (b'{"Response":"False","Error":"Movie not found!"}', "Movie not found!", True),
        (b'{"Response":false,"Error":"No."}', "No.", True),
        (b'{"Response":"False"}', "", True),
        (b'{"Response":"True","Title":"Error"}', "", False),
        (b'{"status_code":34,"status_message":"Not found."}', "Not found.", False),
        (b"<html>", "", False),
    ],
)
def test_words_of_an_error_body(body: bytes, words: str, *, is_refusal: bool) -> None:
    """TMDB's message, OMDb's error; only a stated refusal is one."""
    said = parse_error_body(body)

    assert (said.words, said.is_refusal) == (words, is_refusal)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>404</html>",
        b"[]",
        b'{"status_code": "34"}',
        b'{"status_code": 34',
        b'{"status_code": true}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_nonsense_carries_no_code(body: bytes) -> None:
    """A body that is not the upstream's own JSON has no code."""
    assert parse_error_body(body).status_code is None


@pytest.mark.recorded
def test_recorded_error_bodies(recorded_data: Path) -> None:
    """Every recorded error of TMDB has the meaning its status asks for."""
    rows = msgspec.json.decode((recorded_data / "tmdb/error_bodies.json").read_bytes())
    expected = {
        400: RequestRefusedError,
        401: SourceRejectedError,
        404: AbsentAtSourceError,
        422: RequestRefusedError,
        429: SourceThrottledError,
    }
    for row in rows:
        said = parse_error_body(msgspec.json.encode(row["body"]))
        found = find_rule(TMDB_ANSWERS, row["http_status"], said.status_code)

        assert found.error is expected[row["http_status"]]
        assert said.status_message == row["body"]["status_message"]


NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
WAITS = {
    "absent": ({}, None),
    "empty": ({"Retry-After": " "}, None),
    "seconds": ({"Retry-After": "7"}, 7.0),
    "fraction": ({"Retry-After": "1.5"}, 1.5),
    "zero": ({"Retry-After": "0"}, 0.0),
    "negative": ({"Retry-After": "-5"}, 0.0),
    "absurd": ({"Retry-After": "99999999999"}, 3600.0),
    "infinite": ({"Retry-After": "inf"}, 3600.0),
    "not a number": ({"Retry-After": "nan"}, None),
    "nonsense": ({"Retry-After": "soon"}, None),
    "half a date": ({"Retry-After": "Thu, 01 Jan"}, None),
    "date": ({"Retry-After": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
    "past date": ({"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
    "date without zone": ({"Retry-After": "Thu, 01 Jan 2026 12:00:30 -0000"}, 30.0),
    "far date": ({"Retry-After": "Fri, 01 Jan 2027 12:00:00 GMT"}, 3600.0),
    "date by their clock": (
        {
            "Retry-After": "Thu, 01 Jan 2026 18:00:10 GMT",
            "Date": "Thu, 01 Jan 2026 18:00:00 GMT",
        },
        10.0,
    ),
}


@pytest.mark.parametrize(("headers", "seconds"), WAITS.values(), ids=WAITS)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Every form of Retry-After is a wait within bounds, or none."""
    assert seconds == parse_retry_after(headers, NOW)
