"""How files of lists are brought home; where they are, the user says list by list."""

from typing import ClassVar, Final

from pydantic import Field

from cinegraph.sources.awards import AwardsSettings

SOURCE_NAME: Final = "list_files"
_MIB = 1024 * 1024


class ListFilesSettings(AwardsSettings):
    """Settings of the source `list_files`: no key, any server, small files."""

    source: ClassVar[str] = SOURCE_NAME
    address_variable: ClassVar[str] = "the address of the list"

    base_url: str = "https://raw.githubusercontent.com"
    """The server of one list; another for each."""
    max_received_bytes: int = Field(default=8 * _MIB, ge=1)
    """A thousand films with all that IMDb exports are 0.3 MB."""
    max_body_bytes: int = Field(default=32 * _MIB, ge=1)
    """Decompressed."""
    requests_per_second: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Of all these servers together: each list is asked for once a week; 0 switches the budget off."""
