#!/bin/sh
# Make .venv with exactly the locked packages. Needs Python 3.12 or newer; where the system has none, uv brings one.
set -eu
python=$(sh tools/find-python.sh || true)
if [ -n "$python" ]; then
    "$python" -m venv --clear .venv
else
    echo "No Python 3.12 or newer with venv here; asking uv for one." >&2
    command -v python3 >/dev/null || sh tools/packages.sh python3
    python3 -m venv --clear var/uv 2>/dev/null || { sh tools/packages.sh python3-venv && python3 -m venv --clear var/uv; }
    var/uv/bin/python -m pip install -q --disable-pip-version-check uv
    var/uv/bin/uv venv -q --clear --seed --python 3.13 .venv || {
        echo "Please install Python 3.12 or newer, or name one: make PYTHON=/path/to/python3.13 …" >&2
        exit 1
    }
fi
.venv/bin/python -m pip install -q --disable-pip-version-check "uv>=0.9"
# System certificates first: they know the proxies of schools and companies. --require-hashes: nothing unlocked.
# Compiled now, once: dozens of processes start during tests and in every demo.
.venv/bin/uv pip install -q --system-certs --compile-bytecode --python .venv/bin/python --require-hashes -r requirements/dev.txt 2>/dev/null ||
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
# The two packages of this repository, with their commands; built by the hatchling that was just installed.
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation \
    -e packages/exchange -e .
touch .venv/.ok
