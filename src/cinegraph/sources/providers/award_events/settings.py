"""Where the files of awards' events are."""

from typing import ClassVar, Final

from pydantic import Field

from cinegraph.sources.awards import AwardsSettings

SOURCE_NAME: Final = "award_events"
_MIB = 1024 * 1024


class AwardEventsSettings(AwardsSettings):
    """Settings of the source `award_events`: no key, one file an event."""

    source: ClassVar[str] = SOURCE_NAME
    address_variable: ClassVar[str] = "CINEGRAPH_AWARD_EVENTS_URL"

    base_url: str = (
        "https://raw.githubusercontent.com/Kometa-Team/IMDb-Awards/master/events"
    )
    """The folder in which they lie, `<event>.yml`."""
    max_body_bytes: int = Field(default=16 * _MIB, ge=1)
    """0.4 MB is the largest in 2026."""
