"""A page of a source's feed of changes: which things changed, not what of them, nor when."""

import msgspec


class ChangedThing(msgspec.Struct, frozen=True):
    """One mention; a thing may be named several times."""

    external_id: int
    is_adult: bool | None = None
    """None: the feed does not say."""


class ChangesPage(msgspec.Struct, frozen=True):
    """
    One page of a window of the feed.

    Things of other kinds may be among them: the feed proves that something happened, never what an id is.
    """

    page: int
    """Counted from 1."""
    total_pages: int
    total_results: int
    """As the source reckons; it may be a round number."""
    things: tuple[ChangedThing, ...]
    """In the feed's order."""
