#!/bin/sh
# Write requirements/*.txt from pyproject.toml: every version pinned, every file by its hashes, no registry address.
#
# Universal: one resolution for Python 3.12 and newer on every platform. Pins stay as they are unless pyproject.toml
# makes them impossible; UPGRADE=1 moves them to the newest release that is at least a week old, because a release
# that was tampered with is mostly found within days.
set -eu
cd "$(dirname "$0")/.."
uv=$(sh scripts/setup.sh uv)

pin() {
    "$uv" pip compile --quiet --universal --python-version 3.12 --exclude-newer "1 week" \
        --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$@"
}

pin pyproject.toml --output-file requirements/runtime.txt
pin pyproject.toml --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
echo "uv" | pin - --output-file requirements/uv.txt
echo "setuptools" | pin - --output-file requirements/build.txt
