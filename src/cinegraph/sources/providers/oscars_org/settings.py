"""Where the Academy's pages are, and how seldom they are asked for."""

from typing import ClassVar, Final

from pydantic import Field

from cinegraph.sources.awards import AwardsSettings

SOURCE_NAME: Final = "oscars_org"
_MIB = 1024 * 1024


class OscarsOrgSettings(AwardsSettings):
    """Settings of the source `oscars_org`: asked for nothing unless it is switched on."""

    source: ClassVar[str] = SOURCE_NAME
    address_variable: ClassVar[str] = "CINEGRAPH_OSCARS_ORG_URL"

    base_url: str = "https://www.oscars.org/oscars/ceremonies"
    """Where the page of a year lies, `/2024`."""
    requests_per_second: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    """A page in ten seconds is what a reader does."""
    max_body_bytes: int = Field(default=16 * _MIB, ge=1)
    """0.3 MB in 2026."""
