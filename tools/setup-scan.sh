#!/bin/sh
# Make .venv-scan with exactly the locked scanners; see requirements/scan.in for why they live apart.
set -eu
.venv/bin/python -m venv --clear .venv-scan
.venv/bin/uv pip install -q --system-certs --python .venv-scan/bin/python --require-hashes -r requirements/scan.txt 2>/dev/null ||
    .venv-scan/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/scan.txt
touch .venv-scan/.ok
