"""Copies and a log without a site: what they hold is judged from outside, by reading it."""

import hashlib
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings
from licheng_exchange import decode_entries, entries_path, folder_fetch, verify_ledger

from licheng.foundations import keys
from licheng.foundations.custody.folder import FolderCopy
from tests.drills.found import DrillFailed

BUNDLE = 256


def copy_at(root, name="a"):
    """A copy in a folder."""
    return FolderCopy(name, Path(root))


def sha256_of(data):
    """The name of these bytes."""
    return hashlib.sha256(data).hexdigest()


def torn_names(root):
    """Final names that do not hold their own bytes."""
    files = Path(root).glob("[0-9a-f][0-9a-f]/*")
    return [path.name for path in files if path.name != sha256_of(path.read_bytes())]


def lost_of(root, hashes):
    """Those of the hashes that the folder does not give back, read by nothing of ours."""
    lost = []
    for sha256 in hashes:
        try:
            whole = sha256_of((Path(root) / sha256[:2] / sha256).read_bytes()) == sha256
        except OSError:
            whole = False
        if not whole:
            lost.append(sha256)
    return lost


def swept(copy):
    """Take away leftovers whatever their age; how many."""
    return copy.sweep(timedelta(0))


def log_settings(root, key_root):
    """The few settings that the log on disk reads, without a site or a database."""
    settings.configure(LEDGER_ROOT=root, KEYS_ROOT=key_root, USE_TZ=True)
    django.setup()
    keys.make_keys("drill.licheng.invalid/ledger")


def leaves_of(root):
    """Every leaf of the log in a folder, after anybody's verifier found that it holds together.

    Raises DrillFailed when it does not. A log without a checkpoint has no leaves.
    """
    if not (Path(root) / "checkpoint").exists():
        return []
    fetch = folder_fetch(Path(root))
    verdict = verify_ledger(fetch, [keys.signing_key("ledger").verifying_key])
    if not verdict.ok:
        raise DrillFailed(f"the log does not hold together: {[one.rule for one in verdict.problems]}")
    size = verdict.checkpoint.size
    found = []
    for first in range(0, size, BUNDLE):
        found += decode_entries(fetch(entries_path(first // BUNDLE, min(BUNDLE, size - first))))
    return found
