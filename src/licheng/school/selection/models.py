from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import Person, School


class SelectionTally(models.Model):
    """How many items a student has selected this school year, and how many she may.

    Locked before every change, so the last place is given once; the database refuses more all the same.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="selection_tallies")
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    outcomes = models.PositiveSmallIntegerField(_("已勾選課程學習成果"), default=0)
    activities = models.PositiveSmallIntegerField(_("已勾選多元表現"), default=0)
    outcomes_quota = models.PositiveSmallIntegerField(_("課程學習成果上限"))
    activities_quota = models.PositiveSmallIntegerField(_("多元表現上限"))

    class Meta:
        verbose_name = _("勾選件數")
        constraints = [
            models.UniqueConstraint(fields=["student", "school_year"], name="tally_once_per_year"),
            models.CheckConstraint(
                condition=Q(outcomes__lte=F("outcomes_quota")), name="outcomes_within_quota"
            ),
            models.CheckConstraint(
                condition=Q(activities__lte=F("activities_quota")), name="activities_within_quota"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.school_year}: {self.outcomes}/{self.activities}"
