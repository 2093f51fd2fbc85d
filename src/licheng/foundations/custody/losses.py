"""What the guard says of a closed site: which volume is wrong, what is lost, whose it is, what heals it."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from licheng.foundations.custody.guard import Damage, Report, batches
from licheng.foundations.custody.judging import Verdict
from licheng.foundations.custody.owners import Owner, owners_of

NAMES_IN_A_LINE = 20  # own bound: a line of a terminal; the rest is counted, --json names all


def told(report: Report) -> Iterator[str]:
    """The report as lines for whoever starts the site."""
    for copy, verdict in report.verdicts.items():
        yield _("副本 %(copy)s：%(verdict)s") % {"copy": copy, "verdict": _words()[verdict]}
    for copy in report.adopted:
        yield _("副本 %(copy)s 已認定為現在的儲存區。") % {"copy": copy}
    for copy in report.refused:
        yield _("副本 %(copy)s 不能認定：它缺檔案，而其他副本也沒有一份通過檢查。") % {"copy": copy}
    yield from _losses(report)
    if report.is_open:
        yield _("檢查完成，網站可以啟動。")
        return
    yield _("網站維持關閉。")
    yield from remedies(report)


def remedies(report: Report) -> Iterator[str]:
    """The commands that bring the site back, in their order."""
    if unreachable := _copies_with(report, Verdict.UNREACHABLE, Verdict.NOT_ITS_OWN):
        yield _("先讓副本 %(copies)s 可以使用：檢查掛載、磁碟與連線。") % {
            "copies": _("、").join(unreachable)
        }
    for copy, verdict in report.verdicts.items():
        if verdict.is_adoptable:
            yield f"manage.py guard --adopt-new-volume {copy}"
    for copy in sorted({damage.copy for damage in report.damages}):
        source = next((d.elsewhere[0] for d in report.damages if d.copy == copy and d.elsewhere), None)
        yield f"manage.py heal --copy {copy}" + (f" --from {source}" if source else "")
    yield "manage.py guard"
    if any(not damage.elsewhere for damage in report.damages):
        yield _(
            "沒有任何副本還有的檔案：先從備份還原；確定無法取回時，才用 manage.py guard --open-with-losses。"
        )


def as_json(report: Report) -> dict[str, Any]:
    """The whole report for programs."""
    return {
        "open": report.is_open,
        "copies": {copy: str(verdict) for copy, verdict in report.verdicts.items()},
        "adopted": report.adopted,
        "refused": report.refused,
        "figures": report.tally.as_figures(),
        "losses": [
            {
                "copy": damage.copy,
                "sha256": damage.sha256,
                "state": str(damage.state),
                "elsewhere": list(damage.elsewhere),
                "school": owner.school,
                "person": owner.person,
                "file_name": owner.file_name,
            }
            for damage, owner in _owned(report.damages)
        ],
        "remedies": list(remedies(report)) if not report.is_open else [],
    }


def _losses(report: Report) -> Iterator[str]:
    """Per copy, school and person: how many, which, and how many of them another copy still has."""
    by_copy = defaultdict(list)
    for damage, owner in _owned(report.damages):
        by_copy[damage.copy].append((damage, owner))
    for copy, found in sorted(by_copy.items()):
        kept = sum(bool(damage.elsewhere) for damage, _owner in found)
        counts = {"copy": copy, "n": len(found), "kept": kept}
        yield _("副本 %(copy)s 少了或改了 %(n)d 個檔案；其中 %(kept)d 個另一份副本還有。") % counts
        found.sort(key=lambda one: (one[1].school, one[1].person, one[1].file_name))
        for school, of_school in groupby(found, key=lambda one: one[1].school):
            yield from _school(school, list(of_school))


def _school(school: str, found: list[tuple[Damage, Owner]]) -> Iterator[str]:
    people = {owner.person for _damage, owner in found if owner.person}
    counts = {"school": school or _("不明"), "n": len(found), "people": len(people)}
    yield _("  學校 %(school)s：%(n)d 個檔案，%(people)d 人") % counts
    for person, of_person in groupby(found, key=lambda one: one[1].person):
        theirs = list(of_person)
        names = _("、").join(owner.file_name for _damage, owner in theirs[:NAMES_IN_A_LINE])
        rest = _("，還有 %(n)d 個") % {"n": len(theirs) - NAMES_IN_A_LINE} if theirs[NAMES_IN_A_LINE:] else ""
        kept = sum(bool(damage.elsewhere) for damage, _owner in theirs)
        facts = {"person": person or _("不明"), "n": len(theirs), "kept": kept, "names": names + rest}
        yield _("    %(person)s：%(n)d 個（另一份副本還有 %(kept)d 個）：%(names)s") % facts


def _owned(damages: list[Damage]) -> Iterator[tuple[Damage, Owner]]:
    for batch in batches(damages):
        owners = defaultdict(list)
        for owner in owners_of(sorted({damage.sha256 for damage in batch})):
            owners[owner.sha256].append(owner)
        for damage in batch:
            for owner in owners[damage.sha256]:
                yield damage, owner


def _copies_with(report: Report, *verdicts: Verdict) -> list[str]:
    return [copy for copy, verdict in report.verdicts.items() if verdict in verdicts]


def _words() -> dict[Verdict, str]:
    return {
        Verdict.GOOD: _("儲存區相符"),
        Verdict.UNREACHABLE: _("沒有回應，或磁碟故障"),
        Verdict.NOT_ITS_OWN: _("不是自己的磁碟：掛載不見了，或檔案系統在重新開機後會清空"),
        Verdict.NEVER_OPENED: _("從來沒有開啟過的儲存區"),
        Verdict.NO_VOLUME: _("儲存區的身分不見了：沒有掛載，或已被清空"),
        Verdict.OTHER_VOLUME: _("是另一個儲存區"),
        Verdict.ROLLED_BACK: _("儲存區回到了較舊的狀態"),
        Verdict.NO_WITNESS: _("見證資料夾沒有這個副本的紀錄"),
        Verdict.WITNESS_ROLLED_BACK: _("見證資料夾回到了較舊的狀態"),
        Verdict.NOT_IN_DATABASE: _("資料庫沒有這個副本的紀錄"),
        Verdict.DATABASE_ROLLED_BACK: _("資料庫回到了較舊的狀態"),
    }
