"""The integrity page: one sentence anybody understands, the difference that must be 0, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.custody.head import Head, head_now
from licheng.foundations.custody.queries import (
    BAD,
    GOOD,
    NEEDED,
    PROMISED,
    SCRUB_WITHIN,
    UNKNOWN,
    Figures,
    RunLine,
    figures_now,
    period_of,
    runs_now,
)
from licheng.foundations.custody.sample import Sample, sample_now

TONES = {GOOD: "success", BAD: "error", UNKNOWN: "neutral"}
WORDS: dict[str, Promise] = {
    GOOD: gettext_lazy("正常"),
    BAD: gettext_lazy("異常"),
    UNKNOWN: gettext_lazy("不明"),
}
FIGURE_WORDS: dict[str, Promise] = {
    "read": gettext_lazy("讀回 %d 次"),
    "compared": gettext_lazy("比對 %d 份副本"),
    "brought": gettext_lazy("送達 %d 個檔案"),
    "waiting": gettext_lazy("等待送達 %d 個檔案"),
    "adopted": gettext_lazy("補登 %d 個檔案"),
    "changed": gettext_lazy("內容改變 %d 個"),
    "missing": gettext_lazy("不見了 %d 個"),
    "untracked": gettext_lazy("沒有登記 %d 個"),
    "healed": gettext_lazy("修復 %d 個"),
    "left": gettext_lazy("還沒修好 %d 個"),
    "lost": gettext_lazy("找不到完好副本 %d 個"),
    "unreachable": gettext_lazy("副本沒有回應 %d 次"),
    "leftovers": gettext_lazy("清掉暫存檔 %d 個"),
    "set-aside": gettext_lazy("首次查無引用 %d 個"),
    "taken-back": gettext_lazy("恢復引用 %d 個"),
    "removed": gettext_lazy("移除 %d 個"),
    "refused": gettext_lazy("還不能移除 %d 個"),
    "failed": gettext_lazy("執行失敗"),
    "killed": gettext_lazy("中途停止"),
}


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock as people read it."""

    run: RunLine

    @property
    def tone(self) -> str:
        """How its chip looks."""
        return TONES[self.run.verdict]

    @property
    def word(self) -> str:
        """What its chip says."""
        return str(WORDS[self.run.verdict])

    @property
    def says(self) -> str:
        """Why, and the figures of that run that are not zero."""
        counted = [
            str(words) % self.run.figures[name] if "%d" in str(words) else str(words)
            for name, words in FIGURE_WORDS.items()
            if self.run.figures.get(name)
        ]
        return _("：").join([str(self.run.why), _("、").join(counted)] if counted else [str(self.run.why)])


@dataclass(frozen=True, slots=True)
class Integrity:
    """Everything of one moment; `verdict` is good only when every part is, from checks that still stand."""

    at: datetime
    figures: Figures
    clocks: tuple[ClockRow, ...]
    head: Head
    sample: Sample | None
    is_one_machine: bool

    @property
    def verdict(self) -> str:
        """Bad if anything needed is bad, good only if all of it is good."""
        verdicts = {self.figures.verdict, self.head_verdict, self.sample_verdict}
        verdicts |= {clock.run.verdict for clock in self.clocks if clock.run.job in NEEDED}
        if BAD in verdicts:
            return BAD
        return GOOD if verdicts == {GOOD} else UNKNOWN

    @property
    def head_verdict(self) -> str:
        """The log: good when its signature verified just now and nothing of it is missing."""
        return GOOD if self.head.is_good else BAD

    @property
    def sample_verdict(self) -> str:
        """The newest files: unknown while there is none, or while they are read for somebody else."""
        if self.sample is None:
            return UNKNOWN
        if not self.sample.is_good:
            return BAD
        return GOOD if self.sample.files else UNKNOWN

    @property
    def tone(self) -> str:
        """How the headline looks."""
        return TONES[self.verdict]

    @property
    def acknowledged_text(self) -> str:
        """The acknowledged files, with separators."""
        return f"{self.figures.acknowledged:,}"

    @property
    def verified_text(self) -> str:
        """The verified files, with separators."""
        return f"{self.figures.verified:,}"

    @property
    def difference_text(self) -> str:
        """The number that must be 0, with separators."""
        return f"{self.figures.difference:,}"

    @property
    def figures_tone(self) -> str:
        """How the difference looks."""
        return TONES[self.figures.verdict]

    @property
    def head_tone(self) -> str:
        """How the chip of the log looks."""
        return TONES[self.head_verdict]

    @property
    def head_word(self) -> str:
        """What the chip of the log says."""
        return str(WORDS[self.head_verdict])

    @property
    def sample_tone(self) -> str:
        """How the chip of the newest files looks."""
        return TONES[self.sample_verdict]

    @property
    def sample_word(self) -> str:
        """What the chip of the newest files says."""
        return str(WORDS[self.sample_verdict])

    @property
    def sentence(self) -> str:
        """What a parent needs to know."""
        figures = self.figures
        if self.verdict == GOOD:
            return _("收下的 %(n)s 個檔案，個個都有兩份副本，七天內逐一讀回核對過，內容完全相同。") % {
                "n": self.acknowledged_text
            }
        if self.verdict == BAD and figures.open:
            return _("有檔案的副本損壞或不見了，要從完好的副本修復。收據仍然有效，請保留您自己的檔案和收據。")
        if self.verdict == BAD:
            return _("有檢查發現異常，負責人員要處理。收據仍然有效，請保留您自己的檔案和收據。")
        if not figures.acknowledged:
            return _("目前還沒有收下任何檔案。")
        return _("有些檢查還沒做完或太久沒做，現在不能保證每個檔案都有兩份完好的副本。")


def integrity_now() -> Integrity:
    """Ask everything anew: rows, the signed head, the clocks; only the sample may be some seconds old."""
    return Integrity(
        at=timezone.now(),
        figures=figures_now(),
        clocks=tuple(ClockRow(run) for run in runs_now()),
        head=head_now(),
        sample=sample_now(),
        is_one_machine=settings.EMBEDDED,
    )


def as_data(now: Integrity) -> dict[str, Any]:
    """The same for programs; times in ISO 8601, periods in seconds."""
    figures, head = now.figures, now.head
    return {
        "at": now.at,
        "verdict": now.verdict,
        "acknowledged": figures.acknowledged,
        "verified": figures.verified,
        "difference": figures.difference,
        "verified_within_seconds": int(SCRUB_WITHIN.total_seconds()),
        "verified_in_copies": PROMISED,
        "waiting_for_removal": figures.set_aside,
        "defects": {"found": figures.found, "healed": figures.healed, "open": figures.open},
        "copies": [
            {"name": one.name, "oldest_verified_at": one.oldest_at, "never_read": one.unread}
            for one in figures.copies
        ],
        "clocks": [_clock_data(clock.run) for clock in now.clocks],
        "ledger": {
            "verdict": now.head_verdict,
            "size": head.size,
            "root": head.root,
            "known": head.known,
            "newest_at": head.at,
        },
        "sample": now.sample and _sample_data(now.sample, now.sample_verdict),
        "one_machine": now.is_one_machine,
    }


def _clock_data(run: RunLine) -> dict[str, Any]:
    return {
        "job": run.job,
        "verdict": run.verdict,
        "ended_at": run.ended_at,
        "stands_seconds": int(period_of(run.job).total_seconds()),
        "figures": dict(run.figures),
    }


def _sample_data(sample: Sample, verdict: str) -> dict[str, Any]:
    copies = [{"name": one.name, "good": one.good, "answers": one.answers} for one in sample.copies]
    return {"at": sample.at, "verdict": verdict, "files": sample.files, "copies": copies}
