"""What is compared to see whether anything changed that a page shows."""

from cinegraph.api import Cinegraph


async def read_signature(c: Cinegraph) -> object:
    """Return something that is equal as long as nothing changed; cheap enough for every second."""
    return await c.get_signature()
