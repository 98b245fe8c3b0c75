"""
How we ask others: one HTTP client, a registry, and one folder per provider.

May import limits, db, records, telemetry, clock and errors; never the catalog, and
providers never import each other. Only `http.py` opens connections. To add a source:
one folder under `providers/` and nothing else; the registry finds it.
"""
