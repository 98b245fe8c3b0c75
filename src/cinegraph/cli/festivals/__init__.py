"""
`cinegraph festivals`: editions and their winners, and a person's say in who was nominated.

Imports `cinegraph.api` and the rest of `cli`; imported by `cli` alone. To add a command: a function with `@app.command`
in the module of its subject, which is imported here.
"""

from cinegraph.cli.festivals import editions, nominees, withdrawing
from cinegraph.cli.festivals.group import app

__all__ = ["app", "editions", "nominees", "withdrawing"]
