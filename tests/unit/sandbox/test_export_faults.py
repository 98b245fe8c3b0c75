"""What can be wrong with the daily exports."""

import json

import pytest

from cinegraph.errors import UsageError
from cinegraph.sandbox.drift import ExportRow
from cinegraph.sandbox.export_faults import (
    ExportFault,
    check_export_fault,
    spoil_lines,
    spoil_rows,
)
from cinegraph.sandbox.exports import export_lines

_ROWS = [
    ExportRow(number, f"Film {number}", 1.0, is_video=False) for number in range(1, 301)
]


def _ids(fault: ExportFault | None) -> list[int]:
    """List the ids the fault leaves."""
    return [row.tmdb_id for row in spoil_rows(fault, _ROWS)]


def test_names_are_checked() -> None:
    """None is none; what is no fault is told with those there are."""
    assert check_export_fault(None) is None
    assert check_export_fault("export-half") is ExportFault.HALF
    with pytest.raises(UsageError) as caught:
        check_export_fault("export-nonsense")
    assert "export-half" in (caught.value.hint or "")


@pytest.mark.parametrize("fault", [None, ExportFault.FOREIGN, ExportFault.CUT])
def test_other_faults_leave_the_rows(fault: ExportFault | None) -> None:
    """Only three faults are of rows."""
    assert list(spoil_rows(fault, _ROWS)) == _ROWS


def test_half_leaves_every_second_film() -> None:
    """So the file is whole, and implausible."""
    assert _ids(ExportFault.HALF) == list(range(1, 301, 2))


def test_duplicates_repeat_some() -> None:
    """Every hundredth film is there twice, nothing is missing."""
    ids = _ids(ExportFault.DUPLICATES)

    assert len(ids) == 303
    assert set(ids) == set(range(1, 301))


def test_huge_ids_are_added() -> None:
    """Beyond what an integer and what a bigint holds."""
    strange = set(_ids(ExportFault.HUGE_IDS)) - set(range(1, 301))

    assert min(strange) == 2**31
    assert max(strange) == 2**63


def test_foreign_lines_are_no_films() -> None:
    """A person's line and lines of no JSON or no object come between the films."""
    lines = b"".join(
        spoil_lines(ExportFault.FOREIGN, export_lines(_ROWS, is_adult=False))
    ).splitlines()
    films = [line for line in lines if b"original_title" in line]
    foreign = [line for line in lines if b"original_title" not in line]

    assert len(films) == 300
    assert {name for line in foreign[:1] for name in json.loads(line)} >= {"id", "name"}
    with pytest.raises(json.JSONDecodeError):
        json.loads(foreign[1])
    plain = list(export_lines(_ROWS, is_adult=False))
    assert list(spoil_lines(None, plain)) == plain
