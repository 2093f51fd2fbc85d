"""Runs drills one after the other, each in a process of its own, and clears away whatever one leaves."""

import argparse
import ast
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.drills.parts.clearing import clear

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).resolve().parent / "cases"
LIMIT_SECONDS = 600  # of one drill
STOP_SECONDS = 20
DRILLS = (
    "syscalls",
    "disk_full",
    "read_only",
    "power_cut_files",
    "power_cut_log",
    "power_cut_site",
    "replay_2021",
    "bit_rot",
    "copy_destroyed",
    "restored",
    "database_server",
    "killed_steps",
    "killed_processes",
    "copy_agent",
    "lying_device",
    "third_copy",
    "removal",
    "log_rewinds",
    "clock_jumps",
    "scanner",
)


def purpose(name):
    """The sentence a drill begins with, read without importing it."""
    return (ast.get_docstring(ast.parse((CASES / f"{name}.py").read_text(encoding="utf-8"))) or "").split(
        "\n"
    )[0]


def environment():
    """The drill's own processes import this repository and nothing of the caller's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LICHENG_", "DJANGO_"))}
    paths = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def run_drill(module, folder, seed, limit_seconds=LIMIT_SECONDS):
    """The row of one drill. Its processes, mounts and devices are gone afterwards, however it ended."""
    folder.mkdir(parents=True)
    result, log = folder.with_suffix(".json"), folder.with_suffix(".log")
    command = [sys.executable, "-m", "tests.drills.one", module, str(folder), str(seed), str(result)]
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=out, stderr=out, start_new_session=True
        )
    reason = "it ended without a verdict"
    try:
        process.wait(limit_seconds)
    except subprocess.TimeoutExpired:
        reason = f"it did not end within {limit_seconds} s"
    finally:
        _stop(process)
        left = clear(folder, session=process.pid)
    if result.exists():
        row = json.loads(result.read_text(encoding="utf-8"))
    else:
        row = {"problems": [f"{reason}: {log.read_text(errors='replace')[-800:]}"]}
    row["problems"] += left
    return {**row, "seconds": round(time.monotonic() - began, 1), "log": log.read_text(errors="replace")}


def _stop(process):
    """Let a drill that still runs clean up after itself, then end it."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def line(name, row):
    """One drill for people: verdict, time, figures; then the reasons."""
    words = [
        f"{'FAILED' if row['problems'] else 'passed':6}  {name:16} {row['seconds']:6.1f} s  seed {row['seed']}"
    ]
    if "acked" in row:
        words.append(f"acked {row['acked']}  lost {row['lost']}  unknown {row['unknown']}")
        words.append(f"control ({row['control']}): lost {row['control_lost']}")
        words.append("  ".join(f"{key} {value}" for key, value in row["figures"].items()))
    return "  |  ".join(words) + "".join(f"\n        ✗ {problem}" for problem in row["problems"])


def say(text):
    """A line for whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def not_run(seed):
    """The row of a drill that Ctrl-C ended or kept from running: failed, like everything that was not shown."""
    return {"problems": ["stopped by Ctrl-C"], "seconds": 0.0, "seed": seed}


def run_all(names, seed, root, told):
    """Every drill's row by name; after Ctrl-C the rest count as failed."""
    rows, stopped = {}, False
    for name in names:
        row = not_run(seed)
        if not stopped:
            try:
                row = run_drill(f"tests.drills.cases.{name}", root / name, seed) | {"seed": seed}
            except KeyboardInterrupt:
                stopped = True
        rows[name] = row | {"purpose": purpose(name)}
        told(line(name, row))
    return rows


def write_summary(rows, seed, began, path):
    """The same for machines."""
    passed = sum(not row["problems"] for row in rows.values())
    summary = {
        "began": began.isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "seed": seed,
        "passed": passed,
        "failed": len(rows) - passed,
        "drills": rows,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return passed, len(rows) - passed


def main(arguments=None):
    """Run the named drills, or all; 0 when every one passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DRILLS)}")
    parser.add_argument("--seed", type=int, default=None, help="repeat what another run did at random")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(DRILLS):
        parser.error(f"no drill is called {', '.join(sorted(unknown))}")
    names = [name for name in DRILLS if not options.names or name in options.names]
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    began, root = datetime.now(UTC), Path(tempfile.mkdtemp(prefix="licheng-drills-"))
    root.chmod(0o755)  # PostgreSQL's own account must reach what lies below
    for asked_to_stop in (signal.SIGTERM, signal.SIGINT):  # a shell's background jobs ignore Ctrl-C otherwise
        signal.signal(asked_to_stop, signal.default_int_handler)
    try:
        rows = run_all(names, seed, root, say)
    finally:
        clear(root, session=None)
        shutil.rmtree(root, ignore_errors=True)
    passed, failed = write_summary(rows, seed, began, ROOT / "var" / "drills" / "summary.json")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
