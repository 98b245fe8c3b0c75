"""
Write what is generated from the code: docs/reference/*.md and ARCHITECTURE.md.

`python scripts/docs.py` rewrites them, `--check` changes nothing and fails where a page is not what it would write.
"""

import argparse
import difflib
import sys
from pathlib import Path

from reference import (
    api,
    architecture,
    commands,
    enrichment,
    errors,
    jobs,
    metrics,
    queues,
    settings,
    tables,
)

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "ARCHITECTURE.md": architecture.page,
    "docs/reference/api.md": api.page,
    "docs/reference/commands.md": commands.page,
    "docs/reference/enrichment.md": enrichment.page,
    "docs/reference/errors.md": errors.page,
    "docs/reference/jobs.md": jobs.page,
    "docs/reference/metrics.md": metrics.page,
    "docs/reference/queues.md": queues.page,
    "docs/reference/settings.md": settings.page,
    "docs/reference/tables.md": tables.page,
}


def main() -> int:
    """Return the exit code: 0 done or current, 1 a page is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    if parser.parse_args().check:
        return check()
    # All are made before the first is written: what cannot be read leaves the pages as they are.
    for name, text in {name: page() for name, page in PAGES.items()}.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")
    return 0


def check() -> int:
    """Compare every page with what the code says now, and show what differs."""
    stale = []
    for name, page in PAGES.items():
        path = ROOT / name
        stored = path.read_text(encoding="utf-8") if path.exists() else ""
        if stored != (wanted := page()):
            stale.append(name)
            difference = difflib.unified_diff(
                stored.splitlines(), wanted.splitlines(), name, "what the code says"
            )
            print("\n".join(list(difference)[:20]), file=sys.stderr)
    if stale:
        print(f"Not current: {', '.join(stale)}. Run make docs.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
