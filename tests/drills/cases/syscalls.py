"""Every system call of keeping a file and of appending to the log fails once: killed, EIO, disk full.

Rows F1, F2 and F24: what was acknowledged is whole, no final name holds other bytes, no leftover survives the sweep,
and a failed fsync is never answered with an acknowledgement.
"""

import io
import shutil

from licheng.foundations.ledger import store
from tests.drills.found import Found, must
from tests.drills.parts import strace, wrong
from tests.drills.parts.store import copy_at, leaves_of, log_settings, lost_of, sha256_of, swept, torn_names

NEEDS = ("strace",)
AS_ROOT = True
FILE_BYTES = 2_300_000  # three pieces of the writer
OLD_LEAVES = 255  # two more end one bundle and begin the next, at both levels of tiles


def run(ground):
    """Both write paths under every fault, then the naive writers under the same faults."""
    log_settings(ground.folder / "log", ground.folder / "keys")
    data = ground.bytes(FILE_BYTES)
    paths = {
        "new": _puts(ground.folder / "copy", data, None),
        "known": _puts(ground.folder / "copy", data, data),
        "rotten": _puts(ground.folder / "copy", data, data[:-1] + b"x"),
        "log": _appends(ground),
    }
    return Found(
        acked=sum(acked for _faults, acked in paths.values()),
        lost=0,
        control_lost=_naive_puts(ground.folder / "naive", data) + _naive_log(ground.folder / "naive.log"),
        control="writers without temporary name, sync or refusal",
        figures={f"faults_{name}": faults for name, (faults, _acked) in paths.items()},
    )


def _puts(root, data, there):
    """Keep a file under every fault, over nothing, itself or rotten bytes; (faults, acknowledged)."""
    sha256, copy = sha256_of(data), copy_at(root)

    def work(acknowledge):
        copy.put(io.BytesIO(data), sha256)
        acknowledge(sha256)

    def reset():
        shutil.rmtree(root, ignore_errors=True)
        if there is not None:
            (root / sha256[:2]).mkdir(parents=True)
            (root / sha256[:2] / sha256).write_bytes(there)
        return set(torn_names(root))

    reset()
    calls, faults, acked = strace.calls_of(work), 0, 0
    for name, number, fault in strace.each_fault(calls):
        where, torn_before = f"{fault} at {name} {number}", reset()
        told = strace.harmed(work, name, number, fault)
        must(not lost_of(root, told), f"acknowledged and lost: {where}")
        must(set(torn_names(root)) <= torn_before, f"a final name holds other bytes: {where}")
        must(not (name == "fsync" and told), f"a failed sync was acknowledged: {where}")
        swept(copy)
        must(not strace.temporary_files(root), f"a leftover survives the sweep: {where}")
        faults, acked = faults + 1, acked + len(told)
    reset()
    told, _trace = strace.watched(work, "-e", "trace=none")
    must(told == [sha256] and not lost_of(root, told), "the put does not even work without a fault")
    return faults, acked


def _appends(ground):
    """Append two leaves under every fault; afterwards the log holds together, and takes the leaves again."""
    root, before = ground.folder / "log", ground.folder / "log.before"
    old = [b"old %d" % number for number in range(OLD_LEAVES)]
    new = [b"new 1", b"new 2"]
    store.append(old, 0)
    shutil.copytree(root, before)

    def reset():
        shutil.rmtree(root)
        shutil.copytree(before, root)

    def work(acknowledge):
        store.append(new, len(old))
        acknowledge("appended")

    calls, faults, acked = strace.calls_of(work), 0, 0
    for name, number, fault in strace.each_fault(calls):
        reset()
        where = f"{fault} at {name} {number}"
        told = strace.harmed(work, name, number, fault)
        held = leaves_of(root)
        must(held == old + new or (held == old and not told), f"the log lost an acknowledged leaf: {where}")
        must(not (name == "fsync" and told), f"a failed sync was acknowledged: {where}")
        if held == old:
            store.append(new, len(old))  # what the next request does
            must(leaves_of(root) == old + new, f"the log does not go on after {where}")
        faults, acked = faults + 1, acked + len(told)
    return faults, acked


def _naive_puts(root, data):
    """What the naive copy loses or tears under the same faults."""
    bad = 0

    def work(acknowledge):
        acknowledge(wrong.plain_put(root, data))

    calls = strace.calls_of(work)
    for name, number, fault in strace.each_fault(calls):
        shutil.rmtree(root, ignore_errors=True)
        told = strace.harmed(work, name, number, fault)
        bad += bool(lost_of(root, told)) or bool(torn_names(root))
    return bad


def _naive_log(path):
    """What the naive log loses or tears under the same faults."""
    old, line = b"old 1\nold 2\n", b"new 1\n"
    bad = 0

    def work(acknowledge):
        wrong.plain_append(path, line)
        acknowledge("appended")

    path.write_bytes(old)
    calls = strace.calls_of(work)
    for name, number, fault in strace.each_fault(calls):
        path.write_bytes(old)
        told = strace.harmed(work, name, number, fault)
        held = path.read_bytes()
        bad += held not in {old, old + line} or (bool(told) and held != old + line)
    return bad
