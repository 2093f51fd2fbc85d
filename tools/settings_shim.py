"""Settings for tools that read the code and serve nobody: the least with which they load."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "licheng.config.settings",
    "LICHENG_SITE": "all",
    "LICHENG_HOME": str(ROOT / "var" / "tools"),
    "LICHENG_SECRET_KEY": "tools-sign-nothing",
    "DATABASE_URL": "postgresql:///tools",
}


def prepare() -> None:
    """Let settings load in this process, without a database or keys."""
    os.environ.update(ENVIRONMENT)
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src"), str(ROOT)]


if __name__ == "__main__":
    print("\n".join(f"{name}={value}" for name, value in ENVIRONMENT.items()))
