#!/bin/sh
# Install Debian packages that a test or the demo needs: as root, or through sudo, or say what to ask for.
if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1; then as_root="sudo"; else
    echo "Please have installed: $* (as root: apt-get install $*)" >&2
    exit 1
fi
$as_root apt-get update -qq >/dev/null 2>&1
exec $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
