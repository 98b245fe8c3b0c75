"""
The Python face of Cinegraph: everything the commands do, with typed results.

```python
import cinegraph

async with cinegraph.open() as c:
    run = await c.import_popular_movies(pages=5)
    async with c.work():  # or start `cinegraph work` elsewhere
        progress = await c.wait_for_run(run)
    print(progress.done, "films stored")
```

One module a group of calls, all on the class `Cinegraph`. Imports `bootstrap` and below; imported by `cli` and users.
To add a call, write a method in the module of its group.
"""

from cinegraph.api.opening import Cinegraph, open  # noqa: A004 - `cinegraph.open()` reads as what it does
from cinegraph.api.references import (
    MovieNotFoundError,
    RunNotFoundError,
    check_limit,
    check_range,
    parse_reference,
)

__all__ = [
    "Cinegraph",
    "MovieNotFoundError",
    "RunNotFoundError",
    "check_limit",
    "check_range",
    "open",
    "parse_reference",
]
