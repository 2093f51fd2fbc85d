"""Every row is deleted by a DELETE without WHERE: the site comes back to the second before, and receipts verify.

The log never goes back with the database. Rows F13 and F14, by the commands `licheng backup --follow` and `licheng restore` on the embedded default. Control: the
whole backup alone, which loses what came after it.
"""

from licheng.backup.drill import drill
from licheng.backup.plans import plan_restore
from licheng.backup.restoring import restore
from tests.backup.conftest import AFTER, BEFORE, BETWEEN, lived_through
from tests.drills.found import Found, must


def run(ground):
    """Live a small history, restore it to the moment before the harm, and prove what came back."""
    ground.folder.chmod(0o755)
    history = lived_through(ground.folder / "history")
    there = BEFORE + BETWEEN
    report = drill(
        plan_restore(history.place, until=history.before_harm),
        keys=history.keys(),
        work=ground.folder,
        proofs=None,
        seed=str(ground.seed),
    )
    school = report["sites"]["school"]
    must(report["is_good"], f"the restored site is not whole: {school['problems']}")
    must(school["ledger_size"] == there + AFTER, "the log went back with the database")
    base = restore(
        plan_restore(history.place, base_only=True), keys=history.keys(), to=ground.folder / "base"
    ).sites["school"]
    return Found(
        acked=there,
        lost=max(0, there - school["tables"]["files_storedfile"]),
        control_lost=there - base.rows["files_storedfile"],
        control="the whole backup alone",
        figures={
            "proofs_verified": school["proofs_verified"],
            "files_hashed": school["files_hashed"],
            "minutes": report["minutes"],
        },
    )
