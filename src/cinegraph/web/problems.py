"""An error for a machine (RFC 9457)."""

from typing import Final

import msgspec

PROBLEM: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, and what to do (RFC 9457)."""

    title: str
    status: int
    """As the answer's own."""
    detail: str = ""
    hint: str | None = None
    """What to do."""
    code: str = ""
    """As in `cinegraph.errors`; stable."""
