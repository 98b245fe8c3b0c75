"""Database addresses: checked, varied, and shown without their password."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cinegraph.errors import ConfigError

CONNECT_TIMEOUT = timedelta(seconds=10)
"""
Longer than a slow TLS handshake across continents, shorter than a person's patience.
"""

# A peer that vanished without a word is noticed after 30 + 3 * 10 s; Linux alone would
# take over two hours.
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def parse(url: str) -> dict[str, str]:
    """
    Return the parts of *url* (URL or `key=value` form) as libpq names them.

    Raises:
        ConfigError: libpq cannot read it. The text is not repeated: it may hold a
            password.
    """
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        # The cause is dropped as well: libpq quotes the part it stumbled over.
        raise ConfigError(
            "the database address cannot be read",
            hint="Set DATABASE_URL to postgresql://user:password@host:5432/database,"
            " with special characters of the password percent-encoded.",
        ) from None
    return {name: str(value) for name, value in parts.items() if value is not None}


def dsn(
    url: str,
    *,
    application_name: str,
    statement_timeout: timedelta | None = None,
    idle_in_transaction_timeout: timedelta | None = None,
) -> str:
    """
    Return *url* as a DSN that carries every session setting.

    All of it is in the DSN, not in a configure callback, because Oban's notifier
    connects with the pool's DSN alone. What *url* itself says wins.

    Args:
        url: URL or `key=value` form.
        application_name: What `pg_stat_activity` shows.
        statement_timeout: None leaves the server's own.
        idle_in_transaction_timeout: None leaves the server's own.
    """
    parts = parse(url)
    settings = {"TimeZone": "UTC"}
    if statement_timeout is not None:
        settings["statement_timeout"] = _milliseconds(statement_timeout)
    if idle_in_transaction_timeout is not None:
        settings["idle_in_transaction_session_timeout"] = _milliseconds(
            idle_in_transaction_timeout
        )
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    # The later option wins in PostgreSQL, so the user's come last.
    options = f"{ours} {parts.pop('options', '')}".strip()
    defaults: dict[str, str | int] = {
        "application_name": application_name,
        "connect_timeout": int(CONNECT_TIMEOUT.total_seconds()),
        **_KEEPALIVES,
    }
    return make_conninfo("", **{**defaults, **parts, "options": options})


def with_database(url: str, database: str) -> str:
    """Return *url*, in the form it has, for another *database* of its server."""
    if "://" not in url:
        return make_conninfo(url, dbname=database)
    split = urlsplit(url)
    query = f"?{split.query}" if split.query else ""
    return f"{split.scheme}://{split.netloc}/{quote(database, safe='')}{query}"


def redacted(url: str) -> str:
    """Return `user@host:port/database`, which is safe to print and log."""
    parts = parse(url)
    user = f"{parts['user']}@" if "user" in parts else ""
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    port = f":{parts['port']}" if "port" in parts else ""
    return f"{user}{host}{port}/{parts.get('dbname', '')}"


def _milliseconds(time: timedelta) -> str:
    return str(round(time.total_seconds() * 1000))
