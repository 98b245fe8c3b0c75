"""Where the files of awards' events are."""

from typing import Final

SOURCE_NAME: Final = "award_events"
