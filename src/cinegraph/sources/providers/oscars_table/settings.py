"""Where the nominations table is."""

from typing import Final

SOURCE_NAME: Final = "oscars_table"
