"""Where the nominations table is."""

from typing import ClassVar, Final

from pydantic import Field

from cinegraph.sources.awards import AwardsSettings

SOURCE_NAME: Final = "oscars_table"
_MIB = 1024 * 1024


class OscarsTableSettings(AwardsSettings):
    """Settings of the source `oscars_table`: no key, one file."""

    source: ClassVar[str] = SOURCE_NAME
    address_variable: ClassVar[str] = "CINEGRAPH_OSCARS_URL"

    base_url: str = "https://raw.githubusercontent.com/DLu/oscar_data/main/oscars.csv"
    """The table itself."""
    max_body_bytes: int = Field(default=64 * _MIB, ge=1)
    """2.2 MB in 2026."""
