#!/usr/bin/env python3
"""Read the code for holes: semgrep with the project's own rules, each proven on examples first, then bandit.

semgrep pins versions that the project has in others, so both live in an environment of their own. A finding
is excused where it stands: `# nosemgrep: rule` for semgrep, `# noqa: S…` for what bandit shares with ruff;
each with its reason behind `--`.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCAN = ROOT / ".venv-scan" / "bin"
RULES = ROOT / "tools" / "scan" / "rules.yml"
EXAMPLES = ROOT / "tools" / "scan" / "examples"
CODE = ("src", "packages/exchange/src")
EXPECTED = re.compile(r"(?:#|<!--)\s*(ruleid|ok):\s*([\w-]+)")
EXCUSE = re.compile(r"noqa:[^#]*\bS\d{3}\b.*--|nosemgrep:.*--")
Finding = tuple[str, str, int]


class ScanFailed(RuntimeError):
    """A scanner did not run; its own words follow."""


def _json(command: list[str], good: set[int]) -> dict[str, Any]:
    here = {**os.environ, "PATH": f"{SCAN}:{os.environ['PATH']}", "SEMGREP_SEND_METRICS": "off"}
    done = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise ScanFailed(done.stderr or done.stdout)
    found: dict[str, Any] = json.loads(done.stdout)
    if found.get("errors"):
        raise ScanFailed(json.dumps(found["errors"], ensure_ascii=False)[:2000])
    return found


def semgrep(*places: str, rules: Path = RULES) -> list[Finding]:
    """(rule, file, line) of every finding of the project's own rules."""
    command = [str(SCAN / "semgrep"), "scan", "--quiet", "--json", "--metrics=off", "--disable-version-check"]
    command += ["--no-git-ignore", "--config", str(rules), *places]
    found = _json(command, {0, 1})["results"]
    return [(one["check_id"].rsplit(".", 1)[-1], one["path"], one["start"]["line"]) for one in found]


def bandit(*places: str) -> list[Finding]:
    """(rule, file, line) of every finding of medium or high severity that no reason excuses."""
    command = [str(SCAN / "bandit"), "-q", "-r", *places, "-ll", "-f", "json"]
    found = _json(command, {0, 1})["results"]
    rows = [(one["test_id"], one["filename"], one["line_range"]) for one in found]
    return [(rule, name, lines[0]) for rule, name, lines in rows if not _is_excused(name, lines)]


def _is_excused(name: str, lines: list[int]) -> bool:
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return any(EXCUSE.search(text[number - 1]) for number in lines)


def unexplained() -> list[Finding]:
    """Excuses without a reason, and excuses that name no rule."""
    found = []
    for path in (path for place in CODE for path in (ROOT / place).rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"#\s*nosem(grep)?\b|#\s*nosec\b", line) and not EXCUSE.search(line):
                found.append(("excuse-without-reason", path.relative_to(ROOT).as_posix(), number))
    return found


def proven() -> list[str]:
    """What is wrong with the rules: an example that is not found, or one found that is innocent."""
    expected: Counter[tuple[str, str, int]] = Counter()
    for path in sorted(EXAMPLES.iterdir()):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if (mark := EXPECTED.search(line)) and mark[1] == "ruleid":
                expected[mark[2], path.relative_to(ROOT).as_posix(), number + 1] += 1
    found = Counter(semgrep(str(EXAMPLES.relative_to(ROOT))))
    missing = [f"not found: {one}" for one in expected - found]
    return missing + [f"found though innocent: {one}" for one in found - expected]


def main() -> int:
    """Print every finding; 0 when there is none and every rule proved itself."""
    faults = proven()
    findings = [*semgrep(*CODE), *bandit(*CODE), *unexplained()]
    for fault in faults:
        print(f"rule: {fault}")
    for rule, name, number in findings:
        print(f"{name}:{number}: {rule}")
    print(f"semgrep and bandit: {len(findings)} findings, {len(faults)} faulty rules")
    return 1 if faults or findings else 0


if __name__ == "__main__":
    sys.exit(main())
