"""
Lists that TMDB's users keep, as they arrive: a page of films and series, mixed.

What its rows say is read where lists of any kind are; here only what shows whether it is whole.

Source: https://developer.themoviedb.org/reference/list-details
"""

from typing import Any

import msgspec

from cinegraph.sources.decoding import BodyDecoder
from cinegraph.sources.providers.tmdb.payloads import SOURCE_NAME

ENDPOINT = "user_list"


class UserListPayload(msgspec.Struct, frozen=True):
    """A page; older recordings have neither page nor pages: then all of it is one."""

    items: list[Any]
    item_count: int | None = None
    """Of all pages, series among them."""
    page: int = 1
    total_pages: int = 1
    total_results: int | None = None

    @property
    def claimed(self) -> int | None:
        """How many there are in all; None: TMDB does not say."""
        return self.item_count if self.total_results is None else self.total_results


_pages = BodyDecoder(UserListPayload, source=SOURCE_NAME, endpoint=ENDPOINT)


def decode_user_list(body: bytes, *, expected_page: int) -> UserListPayload:
    """
    Return the page in *body*.

    Raises:
        UndecodableError: No JSON.
        PayloadError: Another shape, or another page than *expected_page*.
    """
    payload = _pages.decode(body)
    if payload.page != expected_page:
        _pages.refuse(
            f"asked for page {expected_page}, got {payload.page}",
            field="page",
            body=body,
        )
    return payload
