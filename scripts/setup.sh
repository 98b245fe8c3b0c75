#!/bin/sh
# Make the environment in .venv what requirements/ says; a second run takes milliseconds.
#
#   scripts/setup.sh         the environment for everything: product, tests, benchmarks
#   scripts/setup.sh uv      print the path of a uv that works, installing the pinned one if need be
#
# Everything stays inside this folder (.venv, .tools, .cache). Nothing is installed that requirements/ does not pin by
# hash, and no Python is downloaded. Which registry the packages come from is the machine's business: the address
# settings of uv and pip (UV_*, PIP_*, pip.conf) are honoured, those that would change what is installed are not.
set -eu
cd "$(dirname "$0")/.."

oldest="3.12"
say() { printf '%s\n' "$@" >&2; }
die() { say "$@"; exit 1; }

# --- the caller's environment ----------------------------------------------------------------------------------------

# Settings that say where packages come from stay; those that change what or where to install go.
keep_only_addresses() {
    for name in $(env | sed -nE 's/^((PIP|UV)_[A-Z0-9_]+)=.*/\1/p'); do
        case $name in
            *INDEX* | *FIND_LINKS* | *HOST | *CERT | *CERTS | *TLS | *PROXY | *TIMEOUT | *RETRIES) ;;
            *CACHE_DIR | *CONFIG_FILE | *KEYRING_PROVIDER | *CONCURRENT_* | UV_OFFLINE | UV_LINK_MODE) ;;
            PIP_DISABLE_PIP_VERSION_CHECK | PIP_ROOT_USER_ACTION) ;;
            *) unset "$name" ;;
        esac
    done
    unset PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX
}

# Without a home that can be written to, what is downloaded is kept here.
keep_cache_here() {
    if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
        : "${UV_CACHE_DIR:=$PWD/.cache/uv}" "${PIP_CACHE_DIR:=$PWD/.cache/pip}"
        export UV_CACHE_DIR PIP_CACHE_DIR
        [ -n "${HOME:-}" ] || unset HOME
    fi
}

# uv does not read pip's settings; a machine that reaches its registry by them alone is served too.
tell_uv_what_pip_knows() {
    [ -n "${PIP_INDEX_URL:-}" ] && export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-$PIP_INDEX_URL}}"
    [ -n "${PIP_EXTRA_INDEX_URL:-}" ] && export UV_INDEX="${UV_INDEX:-${UV_EXTRA_INDEX_URL:-$PIP_EXTRA_INDEX_URL}}"
    [ -n "${PIP_FIND_LINKS:-}" ] && export UV_FIND_LINKS="${UV_FIND_LINKS:-$(echo "$PIP_FIND_LINKS" | tr -s ' ' ,)}"
    [ -n "${PIP_CERT:-}" ] && export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
    # The hashes say which file is right, so it does not matter which of several registries has it.
    export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}"
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
}

# --- Python ----------------------------------------------------------------------------------------------------------

fits() {
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

list_pythons() {
    [ -z "${PYTHON:-}" ] || echo "$PYTHON"
    printf '%s\n' python3.13 python3.12 python3.14 python3 python /usr/bin/python3 /usr/local/bin/python3
    for version in 3.13 3.12 3.14; do
        for folder in "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}/versions" /opt /usr/local /opt/homebrew/opt; do
            for found in "$folder/$version"*/bin/python3 "$folder/python@$version/bin/python$version" \
                "$folder/python$version/bin/python3"; do
                [ -x "$found" ] && echo "$found"
            done
        done
    done
    working_uv=$(find_uv) && "$working_uv" python find ">=$oldest" 2>/dev/null
    return 0
}

find_python() {
    list_pythons | while IFS= read -r candidate; do
        fits "$candidate" || continue
        # The real one, not the shim of a version manager whose choice depends on the folder one stands in.
        "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
        break
    done
}

# --- uv --------------------------------------------------------------------------------------------------------------

find_uv() {
    for candidate in .tools/bin/uv uv; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" --version >/dev/null 2>&1 || continue
        command -v "$candidate"
        return 0
    done
    return 1
}

# The ways from the usual to the rare: a venv with pip, a venv filled by the system's pip, virtualenv.
install_uv() {
    python=$1
    say "setup: installing uv into .tools"
    mkdir -p .cache
    for way in venv borrowed_pip virtualenv; do
        rm -rf .tools
        if "uv_by_$way" "$python" >.cache/setup.log 2>&1 && .tools/bin/uv --version >/dev/null 2>&1; then
            rm -f .cache/setup.log
            return 0
        fi
    done
    rm -rf .tools
    return 1
}

uv_by_venv() {
    "$1" -m venv .tools && .tools/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt
}

uv_by_borrowed_pip() {
    "$1" -m venv --without-pip .tools || return 1
    for pip in "$1 -m pip" "python3 -m pip" pip3 pip; do
        $pip --python .tools/bin/python install --quiet --require-hashes -r requirements/uv.txt && return 0
    done
    return 1
}

uv_by_virtualenv() {
    { "$1" -m virtualenv .tools || virtualenv --python "$1" .tools; } &&
        .tools/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt
}

# --- the environment -------------------------------------------------------------------------------------------------

stamp_of() {
    # The folder belongs to it: an environment that was moved or copied points to where it came from.
    { pwd; cat requirements/dev.txt requirements/build.txt scripts/setup.sh; sed '/^\[tool\./,$d' pyproject.toml; } | cksum
}

is_ready() {
    [ -f .venv/.stamp ] && [ "$(cat .venv/.stamp)" = "$(stamp_of)" ] && [ -x .venv/bin/cinegraph ] &&
        .venv/bin/python -c '' >/dev/null 2>&1
}

fill_by_uv() {
    "$1" venv --quiet --no-project --python "$2" .venv &&
        "$1" pip install --quiet --python .venv/bin/python --require-hashes -r requirements/dev.txt \
            --build-constraints requirements/build.txt &&
        "$1" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
}

fill_by_pip() {
    "$1" -m venv .venv &&
        .venv/bin/python -m pip install --quiet --require-hashes -r requirements/build.txt &&
        .venv/bin/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements/dev.txt &&
        .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
}

fill() {
    rm -rf .venv
    if working_uv=$(find_uv) || { install_uv "$1" && working_uv=$(find_uv); }; then
        say "setup: installing into .venv with $("$working_uv" --version | cut -d' ' -f1,2) and $("$1" --version)"
        fill_by_uv "$working_uv" "$1" && return 0
        say "setup: uv could not; trying pip, which may know of another registry"
    fi
    rm -rf .venv
    fill_by_pip "$1"
}

set_up() {
    python=$(find_python)
    [ -n "$python" ] || die "setup: no Python $oldest or newer was found." \
        "Install one (Debian, Ubuntu: apt install python3.12 python3.12-venv; macOS: brew install python@3.13;" \
        "anywhere: pyenv install 3.13), or say where it is: make setup PYTHON=/path/to/python3.13"
    fill "$python" || die "setup: the environment could not be made; the reason stands above." \
        "Most often: no way to a package registry (set UV_DEFAULT_INDEX or PIP_INDEX_URL for a mirror)," \
        "no disk space, a Python without venv (Debian, Ubuntu: apt install python3-venv), or no C++ compiler and" \
        "Python headers, which erlpack, a part of Oban, is built with (apt install g++ python3-dev; xcode-select --install)."
    stamp_of >.venv/.stamp
    say "setup: ready"
}

keep_only_addresses
keep_cache_here
tell_uv_what_pip_knows

case "${1:-environment}" in
    environment)
        is_ready && exit 0
        mkdir -p .cache
        # Two targets started at once on a fresh clone set up once, the second waits.
        if command -v flock >/dev/null 2>&1; then
            exec 9>.cache/setup.lock
            flock 9
            is_ready && exit 0
        fi
        set_up
        ;;
    uv)
        find_uv || { install_uv "$(find_python)" && find_uv; } || die "setup: uv could not be installed"
        ;;
    *) die "usage: scripts/setup.sh [uv]" ;;
esac
