"""
One folder per upstream: client, payloads, transform, settings, sandbox, README.

A provider imports `cinegraph.sources` and what lies below it, never another provider;
the registry imports it. To add one: a folder whose `__init__` defines `SOURCE`, and
tests under `tests/providers/<name>/`.
"""
