"""Every step of a submission is killed with kill -9 at line after line until it gets through: nothing twice, nothing lost.

Seal, build, submit, send, check and hold, ask, fetch; each attempt starts in a fresh process from what the one before
left. A school that is not killed shows how long each step is; the control holds items without asking what is there.
"""

from dataclasses import dataclass

from licheng.embedded.installation import installation, introduce_school
from tests.drills.found import Found, must
from tests.drills.parts.deeds import STUDENTS
from tests.drills.parts.ground import Ground
from tests.drills.parts.hands import Hands

ITEMS = 2 * STUDENTS
KILLS = 18  # of one step
NAIVE_ITEMS = 10
ONCE = {
    "school": (
        "batch.sealing",
        "batch.sealed",
        "batch.submitted",
        "batch.sent",
        "batch.accepted",
        "batch.received",
        "receipts.fetched",
    ),
    "archive": ("deposit.arrived", "deposit.held", "deposit.accepted"),
}


def run(ground):
    """One school in peace, one under fire; then both are counted on both sites."""
    with installation(ground.folder / "site", fresh=True) as here:
        without_workers(here)
        school, archive = Hands(ground, here.school), Hands(ground, here.archive)
        peace, fire = (sown(here, school) for _ in range(2))
        lengths = _submission(school, archive, peace, _peacefully)
        kills = _submission(school, archive, fire, _Fire(ground, lengths))
        batches = [school.result("batch_of", school=one["school"])[0][0] for one in (peace, fire)]
        lost = sum(problems_of(school, archive, batch) for batch in batches)
        naive = _naive(ground, archive)
    return Found(
        acked=2 * ITEMS,
        lost=lost,
        control_lost=naive,
        control="holding items without asking whether they are held",
        figures={f"kills_{name}": count for name, count in kills.items()},
    )


def without_workers(here):
    """Stop the workers: the drill does their deeds itself."""
    for name, process in list(here.processes.running):
        if name.endswith("-worker"):
            process.terminate()
            process.wait(20)
            here.processes.running.remove((name, process))


def sown(here, school):
    """A school with items to send, known to the archive."""
    made = school.result("sow")
    introduce_school(here, made["code"], made["name"])
    return made


def _submission(school, archive, one, step):
    """Walk the chain; what `step(hands, deed, given, is_done)` answered for each deed."""
    counted = {"seal": step(school, "seal", {"submitter": one["submitter"]}, lambda: _batches(school, one))}
    batch = _batches(school, one)[0][0]
    deeds = [(school, "build"), (school, "submit"), (school, "send"), (archive, "check")]
    for hands, deed in [*deeds, (school, "ask"), (school, "fetch")]:
        given = {"batch": batch} | ({"submitter": one["submitter"]} if deed == "submit" else {})
        is_done = (lambda: _batches(school, one)[0][1] != "sealed") if deed == "submit" else None
        counted[deed] = step(hands, deed, given, is_done)
    return counted


def _batches(school, one):
    return school.result("batch_of", school=one["school"])


def _peacefully(hands, deed, given, _is_done):
    answer = hands.ask(deed, **given)
    must("lines" in answer, f"{deed} does not work even in peace: {answer}")
    return answer["lines"]


@dataclass
class _Fire:
    """Kills a deed at one line after the other; each answers how many kills it took to get through."""

    ground: Ground
    lengths: dict[str, int]

    def __call__(self, hands, deed, given, is_done):
        """A person who presses again looks first whether it is done (`is_done`); a clock simply runs again."""
        stride, random = max(1, self.lengths[deed] // KILLS), self.ground.random
        at, kills = random.randint(1, stride), 0
        while True:
            answer = hands.ask(deed, kill_at=at, **given)
            if "killed" not in answer:
                must("result" in answer, f"{deed} after {kills} kills, the last before line {at}: {answer}")
                return kills
            kills, at = kills + 1, at + random.randint(max(1, stride // 2), stride + stride // 2)
            if is_done and is_done():
                return kills


def problems_of(school, archive, batch):
    """Items of a batch that are not exactly once at both sites; raises DrillFailed for what is there twice."""
    here, there = school.result("school_counts", batch=batch), archive.result("archive_counts", batch=batch)
    must(here["batches"] == 1, f"the school has {here['batches']} batches")
    for counts, name in ((here, "school"), (there, "archive")):
        once = {act: counts["acts"].get(act, 0) for act in ONCE[name]}
        must(set(once.values()) == {1}, f"acts of the {name} not exactly once: {once}")
    must(
        there["log"] == there["entries"] == there["all_entries"] == there["all_items"],
        f"the log differs: {there}",
    )
    must((here["state"], there["state"]) == ("received", "accepted"), f"not at the end: {here} {there}")
    must(
        here["verified"] == here["receipts"] == there["receipts"] == STUDENTS,
        f"receipts differ: {here} {there}",
    )
    return ITEMS - min(here["items"], here["receipt_items"], there["items"], there["leaves"])


def _naive(ground, archive):
    """The control under the same fire: leaves that stand in the log twice."""
    lines = archive.ask("naive_hold", items=NAIVE_ITEMS)["lines"]
    before = archive.result("naive_duplicates")
    for _ in range(5):
        archive.ask("naive_hold", kill_at=ground.random.randint(lines // 2, lines - 1), items=NAIVE_ITEMS)
    archive.result("naive_hold", items=NAIVE_ITEMS)
    return archive.result("naive_duplicates") - before
