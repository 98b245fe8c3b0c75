"""What a caller may name, and what is refused before anything is asked."""

from cinegraph.errors import UsageError

MOST_IDS = 5_000_000
"""Of one range: TMDB's newest ids are below two million in 2026."""
_LARGEST_ID = 2**31 - 1
_LARGEST_OWN_ID = 2**63 - 1
_MOST_DIGITS = 19


class MovieNotFoundError(UsageError):
    """The catalogue holds no such film."""

    code = "movie_not_found"


class RunNotFoundError(UsageError):
    """There is no run of that number."""

    code = "run_not_found"


def parse_reference(reference: str | int) -> tuple[str, str]:
    """
    Return which kind of id a person gave, and the id: `tmdb`, `imdb` or `id` (ours).

    Raises:
        UsageError: It is none of them.
    """
    text = str(reference).strip()
    if 1 <= _number(text) <= _LARGEST_ID:
        return "tmdb", str(_number(text))
    if text.startswith("tt") and _number(text[2:]) > 0:
        return "imdb", text
    if text.startswith("#") and 1 <= _number(text[1:]) <= _LARGEST_OWN_ID:
        return "id", text[1:]
    raise UsageError(
        f"{text!r} names no film",
        hint="A number is a TMDb id, tt… an IMDb id, #n our own number (quote it: '#12').",
    )


def check_range(ids: tuple[int, int] | None) -> None:
    """
    Refuse a range of ids that is none, or that nobody can mean.

    Raises:
        UsageError: It is empty, or leaves TMDB's ids; the hint says what may be given.
    """
    if ids is None:
        return
    first, last = ids
    if not 1 <= first <= last <= _LARGEST_ID:
        raise UsageError(
            f"{first}-{last} is no range of TMDb ids",
            hint="Give the first and the last id, as in --ids 1-1000.",
        )
    if last - first >= MOST_IDS:
        raise UsageError(
            f"{first}-{last} are {last - first + 1:,} ids, more than TMDB has",
            hint=f"At most {MOST_IDS:,} at once; `--from-export` knows which ids there are.",
        )


def check_limit(limit: int | None) -> None:
    """
    Refuse a limit below 1.

    Raises:
        UsageError: It is.
    """
    if limit is not None and not 1 <= limit <= _LARGEST_ID:
        raise UsageError(
            f"a limit of {limit} makes no sense",
            hint="Give a number from 1 upwards, or leave --limit out.",
        )


def _number(text: str) -> int:
    """Return the number that *text* is written as; 0 when it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else 0
