"""What can be set about the database."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from cinegraph.db.pool import DEFAULT_STATEMENT_TIMEOUT


class DatabaseSettings(BaseModel):
    """Which database, and how patient we are with it."""

    model_config = ConfigDict(frozen=True)

    url: SecretStr | None = None
    """
    Address of a server of yours; unset: our own server under `home`. DATABASE_URL.
    """
    home: Path
    """Folder of the embedded server. CINEGRAPH_HOME."""
    statement_timeout: timedelta = DEFAULT_STATEMENT_TIMEOUT
    """The server ends longer statements; ours take under a second."""
