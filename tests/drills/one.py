"""One drill in a process of its own: `python -m tests.drills.one MODULE FOLDER SEED RESULT`."""

import importlib
import json
import os
import shutil
import signal
import sys
import traceback
from pathlib import Path

from tests.drills.found import DrillFailed
from tests.drills.parts.ground import Ground


def missing(module):
    """What this machine lacks for a drill, in words; empty when it can run."""
    lacks = [program for program in getattr(module, "NEEDS", ()) if shutil.which(program) is None]
    if getattr(module, "AS_ROOT", False) and os.geteuid() != 0:
        lacks.append("root")
    return lacks


def run_one(name, folder, seed):
    """The row of one drill: found figures or the reason why it failed."""
    module = importlib.import_module(name)
    if lacks := missing(module):
        return {"problems": [f"cannot run here without {', '.join(lacks)}"]}
    with Ground(folder, seed) as ground:
        try:
            found = module.run(ground)
        except DrillFailed as failed:
            return {"problems": [str(failed)]}
    return {"problems": found.complaints(), **found.as_row()}


def main(name, folder, seed, result):
    """Run it and leave its row where the runner looks."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, signal.default_int_handler)
    try:
        row = run_one(name, Path(folder), int(seed))
    except Exception as broken:  # noqa: BLE001 -- whatever a drill dies of is its verdict, with the place
        traceback.print_exc()
        row = {"problems": [f"{type(broken).__name__}: {str(broken)[:600]}"]}
    Path(result).write_text(json.dumps(row), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
