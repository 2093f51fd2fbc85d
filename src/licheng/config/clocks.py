"""What the worker begins by itself, and how often; every task may run twice without harm."""

DAY = 86_400
CUSTODY_CLOCK = "licheng.foundations.custody.tasks.run_clock"
# Custody's clocks, in seconds; the integrity page says what each found. Source: reliability report §6.5.
CUSTODY_EVERY = {"watch": 60, "scrub": 600, "compare": 3600, "sweep": 3600, "third": 300}
EVERYWHERE = {
    "forget-tasks": ("licheng.foundations.custody.tasks.forget_tasks", DAY),
    "forget-token-uses": ("licheng.foundations.machines.tasks.forget_uses", DAY),
    "forget-sign-ins": ("licheng.foundations.accounts.tasks.forget_sign_ins", DAY),
    "audit-anchor": ("licheng.foundations.ledger.tasks.anchor_audit", 3600),
    "scan-waiting": ("licheng.foundations.files.tasks.scan_waiting", 60),
}
AT_SCHOOLS = {
    "count-usage": ("licheng.school.frontdesk.tasks.count_usage", 300),
    "rosters-left": ("licheng.school.rosters.tasks.take_up_left", 300),
    "uploads-finish": ("licheng.school.uploads.tasks.finish_left", 300),
    "uploads-sweep": ("licheng.school.uploads.tasks.sweep", 3600),
}


def schedules(*, has_schools: bool) -> dict[str, dict[str, object]]:
    """The worker's schedules, as its backend wants them; `every` is in seconds."""
    found: dict[str, dict[str, object]] = {
        f"custody-{job}": {"task": CUSTODY_CLOCK, "kwargs": {"job": job}, "every": every}
        for job, every in CUSTODY_EVERY.items()
    }
    for name, (task, every) in {**EVERYWHERE, **(AT_SCHOOLS if has_schools else {})}.items():
        found[name] = {"task": task, "every": every}
    return found
