"""A client that writes and notes what it was told: `python -m tests.drills.parts.writers KIND HOW ROOT ACKS BURST SEED`.

After BURST acknowledgements it waits for a line on its standard input, so that a cut can fall exactly behind one.
KIND is put, log or site; HOW is right, no-sync or no-folder-sync. The notebook ACKS lies outside the harmed device.
"""

import os
import random
import sys
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

from tests.drills.parts import wrong
from tests.drills.parts.store import copy_at, leaves_of, log_settings, sha256_of

HOWS = {"right": nullcontext, "no-sync": wrong.without_sync, "no-folder-sync": wrong.without_folder_sync}
SIZES = (2_000, 400_000)


def putting(root, source):
    """Keep random files in a copy."""
    copy = copy_at(root / "copy")
    while True:
        data = source.randbytes(source.randint(*SIZES))
        copy.put(BytesIO(data), sha256_of(data))
        yield sha256_of(data)


def logging(root, source):
    """Append random leaves to a log, one to three at a time."""
    log_settings(root / "log", root.parent / f"{root.name}-keys")
    from licheng.foundations.ledger import store

    size = len(leaves_of(root / "log"))
    while True:
        leaves = [source.randbytes(200) for _ in range(source.randint(1, 3))]
        store.append(leaves, size)
        size += len(leaves)
        for leaf in leaves:
            yield leaf.hex()


def uploading(_root, source):
    """Hand files in to the site that the environment describes."""
    from tests.drills.parts.site import become_site
    from tests.drills.parts.uploads import picture, upload

    become_site()
    while True:
        yield upload(picture(source), student=source.randint(1, 5)).as_line()


KINDS = {"put": putting, "log": logging, "site": uploading}


def main(arguments):
    """Write until killed."""
    kind, how, root, acks, burst, seed = arguments
    notebook = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with HOWS[how]():
        for number, told in enumerate(KINDS[kind](Path(root), random.Random(int(seed))), start=1):
            os.write(notebook, f"{told}\n".encode())
            if number % int(burst) == 0:
                sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1:])
