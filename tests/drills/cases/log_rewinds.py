"""The log comes back from an older backup, or as another log of the same key: the site stops, every verifier says no.

Row F22: neither is signed on, neither is published. Control: a site that trusts whatever log it finds.
"""

import shutil

from licheng_exchange import ProofError, consistency_proof, open_checkpoint, verify_consistency

from tests.drills.found import Found, must
from tests.drills.parts.site import open_site
from tests.drills.parts.store import leaves_of
from tests.drills.parts.uploads import picture, unfounded, upload

BEFORE, AFTER = 6, 5


def run(ground):
    """Keep the log as it is, go on, put it back; then put a fork there; then the right one again."""
    home = open_site(ground)
    log, old, newer = home / "ledger", ground.folder / "old-log", ground.folder / "newer-log"
    told = [upload(picture(ground.random)) for _ in range(BEFORE)]
    shutil.copytree(log, old)
    told += [upload(picture(ground.random)) for _ in range(AFTER)]
    shutil.copytree(log, newer)
    refused = {}
    for name, make in (("rewound", lambda: _put(old, log)), ("forked", lambda: _fork(old, log, AFTER))):
        make()
        refused[name] = _refusals(ground, log)
        must(not _is_consistent(newer, log), f"a verifier takes the {name} log for the same one")
        if name == "rewound":
            naive = _naive(told, log)
    _fork(old, log, AFTER + 3)
    refused["longer_fork"] = _refusals(ground, log)
    _put(newer, log)
    told.append(upload(picture(ground.random)))
    bad = unfounded(told)
    return Found(
        acked=len(told),
        lost=len(bad),
        control_lost=naive,
        control="a site that signs on whatever log it finds",
        figures={f"refused_{name}": count for name, count in refused.items()},
    )


def _put(source, log):
    shutil.rmtree(log)
    shutil.copytree(source, log)


def _fork(old, log, count):
    """The same key signs other leaves after the same beginning, as after a restore that was not noticed."""
    from licheng.foundations.ledger import store

    _put(old, log)
    store.append([b"fork %d" % number for number in range(count)], BEFORE)


def _refusals(ground, log):
    """Uploads and the public head must all be refused, and nothing may be signed; how many refusals."""
    from django.test import Client

    from licheng.foundations.files.errors import StorageFailed

    head, refused = (log / "checkpoint").read_bytes(), 0
    for _ in range(2):
        try:
            upload(picture(ground.random))
        except StorageFailed:
            refused += 1
    must(refused == 2, "an upload was acknowledged on a log that is not ours any more")
    must((log / "checkpoint").read_bytes() == head, "a log that is not ours any more was signed on")
    status = Client(headers={"host": "127.0.0.1"}).get("/ledger/checkpoint").status_code
    must(status == 503, f"the head of such a log is published: {status}")
    return refused + 1


def _is_consistent(ours, theirs):
    """Whether anybody who kept our head would take theirs for its continuation, or the other way round."""
    from licheng.foundations import keys
    from licheng.foundations.ledger import store

    vkeys = [keys.signing_key("ledger").verifying_key]
    kept, seen = (open_checkpoint((log / "checkpoint").read_text(), vkeys) for log in (ours, theirs))
    if seen.size < kept.size:
        return False
    proof = consistency_proof(kept.size, seen.size, store.hashes(seen.size))
    try:
        verify_consistency(old=kept.size, new=seen.size, old_root=kept.root, new_root=seen.root, hashes=proof)
    except ProofError:
        return False
    return True


def _naive(told, log):
    """Acknowledged leaves that a site which trusts the rewound log has forgotten."""
    return len(told) - len(leaves_of(log))
