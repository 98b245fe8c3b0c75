"""The database of the settings: the user's, or our own while it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager

from cinegraph.db import address
from cinegraph.db.embedded import EmbeddedServer
from cinegraph.db.settings import DatabaseSettings


@contextmanager
def provided(settings: DatabaseSettings, *, disposable: bool = False) -> Iterator[str]:
    """
    Give the address within the block; our own server starts when none is set.

    Args:
        disposable: Our own server loses its data when its last user leaves.

    Raises:
        ConfigError: DATABASE_URL cannot be read.
        EmbeddedPostgresError: The embedded server cannot be made or started.
    """
    if settings.url is None:
        with EmbeddedServer(settings.home, disposable=disposable).acquire() as url:
            yield url
    else:
        url = settings.url.get_secret_value()
        address.parse(url)
        yield url
