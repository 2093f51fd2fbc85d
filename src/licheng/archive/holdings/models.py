from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.archive.intake.models import Deposit
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.privacy import unseal


class HeldStudent(models.Model):
    """A student as a school named her. The ID number is sealed and found through a blind index only."""

    school_code = models.CharField(_("學校代碼"), max_length=6)
    number = models.CharField(_("學號"), max_length=20)
    name = models.CharField(_("姓名"), max_length=200)
    id_number_sealed = models.BinaryField()
    id_number_index = models.CharField(max_length=64, db_index=True)
    subject_key = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("學生")
        constraints = [models.UniqueConstraint(fields=["school_code", "number"], name="held_student_once")]

    def __str__(self) -> str:
        return f"{self.school_code}:{self.number}"

    @property
    def id_number(self) -> str:
        """The ID number in clear, for release to admissions; empty once destroyed."""
        if not self.id_number_sealed:
            return ""
        return unseal(self.id_number_sealed, place=id_number_place(self.school_code, self.number))


def id_number_place(school_code: str, number: str) -> str:
    """What a student's sealed ID number is bound to."""
    return f"holdings_heldstudent.id_number/{school_code}/{number}"


class HeldItem(models.Model):
    """One item taken in: its record exactly as acknowledged, and the ledger entry that says so."""

    id = models.UUIDField(primary_key=True)  # the school's own id of the item
    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="items")
    student = models.ForeignKey(HeldStudent, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(_("種類"), max_length=8)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    record = models.JSONField()
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("典藏項目")
        indexes = [models.Index(fields=["student", "kind", "school_year"], name="held_by_year")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class HeldFile(models.Model):
    """A file of an item, kept in the archive's own copies under its SHA-256."""

    item = models.ForeignKey(HeldItem, on_delete=models.PROTECT, related_name="files")
    role = models.CharField(_("用途"), max_length=10)
    name = models.CharField(_("檔名"), max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField(_("位元組"))
    media_type = models.CharField(_("類型"), max_length=40)

    class Meta:
        verbose_name = _("典藏檔案")
        constraints = [models.UniqueConstraint(fields=["item", "role"], name="held_file_once_per_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.sha256[:12]}"
