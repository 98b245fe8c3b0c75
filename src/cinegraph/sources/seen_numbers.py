"""Which numbers of a long list were seen already, in little memory."""

from collections.abc import Iterable

_PAGE_BITS = 16
_PAGE_NUMBERS = 1 << _PAGE_BITS


class SeenNumbers:
    """
    A set of numbers, one byte each in pages of 65,536: the ids of TMDB take 1.7 MB, a set of them 100 MB.

    Pages are made as they are needed: ids that are spread out on purpose cost a page each, so `find_repeated` stops
    at `MOST_PAGES`.
    """

    MOST_PAGES = 2048
    """128 MiB, for ids up to 134 million: TMDB has reached 1.7 million, IMDb 40 million."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def find_repeated(self, numbers: Iterable[int]) -> int | None:
        """
        Add *numbers*; return the place of the first that was there before, None if all are new.

        Raises:
            OverflowError: They are spread out too far.
        """
        pages = self._pages
        mask = _PAGE_NUMBERS - 1
        for place, number in enumerate(numbers):
            page = pages.get(number >> _PAGE_BITS)
            if page is None:
                page = self._add_page(number >> _PAGE_BITS)
            if page[number & mask]:
                return place
            page[number & mask] = 1
        return None

    def _add_page(self, key: int) -> bytearray:
        if len(self._pages) == self.MOST_PAGES:
            raise OverflowError
        page = self._pages[key] = bytearray(_PAGE_NUMBERS)
        return page
