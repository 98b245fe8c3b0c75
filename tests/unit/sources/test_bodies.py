"""Received bytes into bodies: every way in which a Content-Encoding can lie."""

import gzip
import tracemalloc

import pytest

from cinegraph.sources.bodies import BodyError, decode_body

BODY = b'{"id": 5}' * 100
ZIPPED = gzip.compress(BODY)


def test_gzip_is_kept_as_received() -> None:
    """The compressed bytes are the received ones, the body is decompressed."""
    assert decode_body(ZIPPED, "gzip", largest_bytes=10_000) == (BODY, ZIPPED)


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_a_plain_body_is_compressed(encoding: str) -> None:
    """A body that came plain is compressed by us, the same way each time."""
    body, zipped = decode_body(BODY, encoding, largest_bytes=10_000)
    _, again = decode_body(BODY, encoding, largest_bytes=10_000)

    assert body == BODY
    assert gzip.decompress(zipped) == BODY
    assert zipped == again


LIES = {
    "plain announced as gzip": (BODY, "gzip", "not gzip"),
    "gzip not announced": (ZIPPED, "", "not announced"),
    "cut gzip": (ZIPPED[:-9], "gzip", "cut"),
    "no checksum": (ZIPPED[:-4], "gzip", "cut"),
    "wrong checksum": (ZIPPED[:-8] + b"\0\0\0\0" + ZIPPED[-4:], "gzip", "damaged"),
    "more after the end": (ZIPPED + b"x", "gzip", "after its end"),
    "not asked for": (BODY, "br", "'br'"),
    "plain and too large": (b"x" * 10_001, "", "larger than 10000"),
    "bomb": (gzip.compress(b"0" * 10_000_000), "gzip", "larger than 10000"),
}


@pytest.mark.parametrize(("received", "encoding", "reason"), LIES.values(), ids=LIES)
def test_a_lie_is_found_out(received: bytes, encoding: str, reason: str) -> None:
    """Bytes that are not what they are announced as are refused with the reason."""
    with pytest.raises(BodyError, match=reason):
        decode_body(received, encoding, largest_bytes=10_000)


def test_nothing_announced_as_gzip_is_nothing() -> None:
    """An empty body is empty however it is announced."""
    assert decode_body(b"", "gzip", largest_bytes=10_000)[0] == b""


def test_a_bomb_costs_no_memory() -> None:
    """Decompressing stops at the limit; the 100 MB behind it are never made."""
    bomb = gzip.compress(b"0" * 100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BodyError):
            decode_body(bomb, "gzip", largest_bytes=10_000)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 1_000_000
