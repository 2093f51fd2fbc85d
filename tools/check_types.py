#!/usr/bin/env python3
"""mypy over both packages. Its Django plugin loads settings, which refuse to guess a site: this names one."""

import os
import subprocess
import sys

from settings_shim import ENVIRONMENT, ROOT

if __name__ == "__main__":
    where = ["src/licheng", "packages/exchange/src/licheng_exchange", "tools"]
    command = [sys.executable, "-m", "mypy", *(sys.argv[1:] or where)]
    sys.exit(subprocess.run(command, cwd=ROOT, env={**os.environ, **ENVIRONMENT}, check=False).returncode)
