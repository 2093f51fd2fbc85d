#!/bin/sh
# Print the path of a Python that Django 6.1 runs on (3.12 or newer); say what to do when there is none.
# Version managers leave stubs on PATH that fail when run, so every candidate is asked for its version.
for candidate in ${PYTHON:-} python3.13 python3.14 python3.12 python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3; do
    found=$(command -v "$candidate" 2>/dev/null) || continue
    if "$found" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        "$found" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done
exit 1
