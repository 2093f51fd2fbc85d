"""`licheng code`: the six digits that a person of the sample country would read from her phone now."""

import argparse
import json
import sys
import time
from pathlib import Path

from licheng.embedded.authenticator import STEP_SECONDS, code_at
from licheng.embedded.sites import DEFAULT_ROOT

APPS = "apps.json"  # login → secret, of the sample country's people only


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose code."""
    parser.add_argument("account", help="account, or school code and account: t201, 070406:t201")
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="where the demo is kept")


def run(options: argparse.Namespace) -> int:
    """Print the code of everybody with this account; 1 when there is nobody."""
    path: Path = options.root / APPS
    apps = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    now = time.time()
    found = {
        login: secret for login, secret in apps.items() if options.account in {login, login.split(":")[-1]}
    }
    for login, secret in found.items():
        left = STEP_SECONDS - int(now) % STEP_SECONDS
        print(f"{login}  {code_at(secret, now)}  （還有 {left} 秒 · {left} s left）")
    if not found:
        print(f"✗ 沒有 {options.account} 的驗證應用程式。 Nobody has that account here.", file=sys.stderr)
    return 0 if found else 1


def keep(root: Path, apps: dict[str, str]) -> None:
    """Keep the secrets of the sample country's people beside it, for its owner only."""
    path = root / APPS
    path.touch(mode=0o600)
    path.write_text(json.dumps(apps, indent=1), encoding="utf-8")
