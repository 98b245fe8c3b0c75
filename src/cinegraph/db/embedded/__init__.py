"""
Our own PostgreSQL server: the wheel's binaries, started by a launcher of ours.

Every process that needs the server holds a shared lock on one file; a small guard
process owns the server and waits for that lock exclusively: when it gets it, everyone
has left or died, and it stops the server. `server` is the way in, `guard` the process,
`layout` says where everything lies, `account` which system user the server runs as,
`binaries` where the programs are, `cluster` and `tuning` make and configure the data
folder, `disposal` says what may be thrown away. May import `db`, `errors`; imported by
`db` and above. To change a setting of the server, edit `tuning`.
"""

from cinegraph.db.embedded.server import EmbeddedServer
from cinegraph.db.embedded.state import ServerState, inspect

__all__ = ["EmbeddedServer", "ServerState", "inspect"]
