"""Whole lines out of gzip, or the refusal of the file with a reason."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from cinegraph.sources.export_files import (
    ExportRefusedError,
    read_blocks,
    refusing,
)
from cinegraph.sources.seen_numbers import SeenNumbers
from file_server import noise

REFUSE = refusing("somewhere", "list")
PLENTY = 10**9


def read(path: Path, body: bytes, largest_bytes: int = PLENTY) -> list[bytes]:
    """Return the blocks of a file of *body*."""
    path.write_bytes(body)
    return list(read_blocks(path, REFUSE, largest_bytes=largest_bytes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a file may be."""
    return tmp_path / "list.gz"


class TestReading:
    """What is given is what was compressed, cut at ends of lines."""

    def test_blocks_hold_whole_lines(self, path: Path) -> None:
        """Every block but the last ends with a line, and nothing is lost between them."""
        text = b"".join(
            b"line %d %s\n" % (n, noise(20).hex().encode()) for n in range(90_000)
        )

        blocks = read(path, gzip.compress(text))

        assert len(blocks) > 3
        assert b"".join(blocks) == text
        assert all(block.endswith(b"\n") for block in blocks)

    def test_the_last_line_may_be_open(self, path: Path) -> None:
        """Not every program ends the last line."""
        assert b"".join(read(path, gzip.compress(b"a\nb"))) == b"a\nb"

    def test_several_members_are_one_text(self, path: Path) -> None:
        """As gzip defines it."""
        body = gzip.compress(b"a\nb") + gzip.compress(b"c\n")

        assert b"".join(read(path, body)) == b"a\nbc\n"

    def test_memory_is_bounded(self, path: Path) -> None:
        """A hundred megabytes of text never lie in memory, whatever they were compressed to."""
        path.write_bytes(gzip.compress((b"x" * 99 + b"\n") * 1_000_000))
        tracemalloc.start()
        try:
            total = sum(map(len, read_blocks(path, REFUSE, largest_bytes=PLENTY)))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert total == 100_000_000
        assert peak < 8_000_000


class TestRefusing:
    """A file that is not what it should be is refused with a reason that a person understands."""

    WHOLE = gzip.compress(noise(2_000_000).hex().encode() + b"\n", 1)
    LINES = gzip.compress(b"\n".join(noise(100_000).hex("\n", 40).encode().split()), 1)

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "it is empty"),
            (b"<!DOCTYPE html><p>Log in", "no gzip file but HTML or XML (24 bytes)"),
            (b"twenty bytes of text", "begins with 'twenty bytes of text' (20 bytes)"),
            (LINES[: len(LINES) // 2], "the gzip ends in the middle, at byte"),
            (LINES[:-1], "the gzip ends in the middle"),
            (LINES[:20], "the gzip ends in the middle, at byte 20"),
            (LINES[:-8] + b"\0\0\0\0" + LINES[-4:], "the gzip is damaged"),
            (LINES[:-4] + b"\0\0\0\0", "the gzip is damaged"),
            (LINES[:900] + b"\xff" * 50 + LINES[950:], "the gzip is damaged"),
            (LINES + b"more", "something follows"),
            (WHOLE, "a line of more than 65,536 bytes"),
        ],
        ids=[
            *("empty", "html", "20 bytes", "half", "a byte short", "first 20 bytes"),
            *("checksum", "length", "damaged", "appended", "one line"),
        ],
    )
    def test_refused(self, path: Path, body: bytes, reason: str) -> None:
        """Each in its own words."""
        with pytest.raises(ExportRefusedError) as caught:
            read(path, body)

        assert reason in caught.value.reason
        assert "Yesterday's list stays" in (caught.value.hint or "")

    def test_a_bomb(self, path: Path) -> None:
        """A small file does not grow beyond what is allowed."""
        with pytest.raises(ExportRefusedError, match="more than 1,000,000 bytes"):
            read(path, gzip.compress(b"a\n" * 5_000_000), 1_000_000)


class TestSeenNumbers:
    """Repetitions are found without a set of a million numbers."""

    def test_within_and_between(self) -> None:
        """In one batch and in a later one; the place is that of the second."""
        seen = SeenNumbers()

        assert seen.find_repeated([1, 2, 2**31 - 1, 65_536]) is None
        assert seen.find_repeated([3, 5, 3]) == 2
        assert seen.find_repeated([7, 2**31 - 1]) == 1

    def test_spread_out_on_purpose(self) -> None:
        """Memory has a bound that no list reaches by chance."""
        with pytest.raises(OverflowError):
            SeenNumbers().find_repeated(range(0, 2**31, 65_536))

    def test_the_bound_is_far(self) -> None:
        """It is above what TMDB and IMDb have reached, several times."""
        assert SeenNumbers.MOST_PAGES * 65_536 > 3 * 40_000_000
