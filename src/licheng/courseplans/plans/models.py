from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.courseplans.offices.models import Officer, PlanSchool
from licheng.courseplans.plans.names import NameGrams
from licheng.courseplans.plans.states import PlanState as S


class Plan(models.Model):
    """The plan of one school for the students who enter in one year, in one version."""

    plan_school = models.ForeignKey(
        PlanSchool, on_delete=models.PROTECT, related_name="plans", verbose_name=_("學校")
    )
    entry_year = models.PositiveSmallIntegerField(_("適用入學學年度"))
    version = models.PositiveSmallIntegerField(_("版本"))
    state = models.CharField(_("狀態"), max_length=12, choices=S, default=S.DRAFT)
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("依據版本")
    )
    return_reason = models.CharField(_("退回原因"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)
    changed_at = models.DateTimeField(_("更新時間"), auto_now=True)
    filed_at = models.DateTimeField(_("備查時間"), null=True)

    class Meta:
        verbose_name = _("課程計畫")
        constraints = [
            models.UniqueConstraint(
                fields=["plan_school", "entry_year", "version"], name="plan_version_once"
            ),
            models.UniqueConstraint(
                fields=["plan_school", "entry_year"], condition=~Q(state=S.FILED), name="one_open_plan"
            ),
            models.CheckConstraint(
                condition=~Q(state=S.FILED) | Q(filed_at__isnull=False), name="filed_plan_has_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "entry_year"], name="plans_on_file")]

    def __str__(self) -> str:
        return f"{self.plan_school_id} {self.entry_year} v{self.version}"


class PlanGroup(models.Model):
    """One 群、科(學程)、班群 of a plan: characters 10 to 16 of the codes of its courses."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="groups")
    course_type = models.CharField(_("課程類型"), max_length=1)
    group_code = models.CharField(_("群別"), max_length=2)
    department_code = models.CharField(_("科別"), max_length=3)
    class_group_code = models.CharField(_("班群"), max_length=1, default="0")
    class_group_name = models.CharField(_("班群名稱"), max_length=30, blank=True)  # of a school's own letter
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("課程計畫群科")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "course_type", "group_code", "department_code", "class_group_code"],
                name="plan_group_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.course_type}{self.group_code}{self.department_code}{self.class_group_code}"


class PlanCourse(models.Model):
    """A course of a plan: its code, its name, its credits of six semesters as the code file writes them."""

    IN_PLAN_ORDER: ClassVar = ("group", "position", "pk")  # of a whole plan, group by group

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="courses")
    group = models.ForeignKey(PlanGroup, on_delete=models.CASCADE, related_name="courses")
    code = models.CharField(_("課程代碼"), max_length=23, db_index=True)
    name = models.CharField(_("科目名稱"), max_length=30)
    credits = models.CharField(_("授課學期學分"), max_length=6)
    category = models.CharField(_("課程類別"), max_length=1)
    delivery = models.CharField(_("開課方式"), max_length=1)
    attribute = models.CharField(_("科目屬性"), max_length=1)
    domain = models.CharField(_("領域名稱"), max_length=2)
    subject = models.CharField(_("科目名稱代碼"), max_length=2)
    position = models.PositiveSmallIntegerField(default=0)
    name_grams = models.GeneratedField(
        expression=NameGrams("name"), output_field=ArrayField(models.TextField()), db_persist=True
    )

    class Meta:
        verbose_name = _("課程計畫科目")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="plan_course_once")]
        indexes = [
            GinIndex(fields=["name_grams"], name="plan_course_by_name"),
            models.Index(fields=["domain", "plan", "group"], name="plan_course_by_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Syllabus(models.Model):
    """The syllabus 教學大綱 of a course in a plan."""

    course = models.OneToOneField(
        PlanCourse, on_delete=models.CASCADE, primary_key=True, related_name="syllabus"
    )
    goals = models.TextField(_("教學目標"), blank=True)
    units = models.JSONField(_("教學內容"), default=list)  # [{"title", "hours", "content"}]
    assessment = models.TextField(_("評量方式"), blank=True)
    resources = models.TextField(_("教學資源"), blank=True)
    notes = models.TextField(_("教學注意事項"), blank=True)

    class Meta:
        verbose_name = _("教學大綱")

    def __str__(self) -> str:
        return f"syllabus of {self.course_id}"

    @property
    def has_words(self) -> bool:
        """Whether anything was written; a form saved empty leaves a row without words."""
        return bool(self.goals or self.units or self.assessment or self.resources or self.notes)


class PlanStep(models.Model):
    """One step of a plan's way: who moved it, when, and why when it was returned."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="steps")
    says = models.CharField(_("動作"), max_length=20)  # in Chinese; pages translate it
    state = models.CharField(_("狀態"), max_length=12, choices=S)
    reason = models.CharField(_("原因"), max_length=500, blank=True)
    done_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", verbose_name=_("承辦人"))
    at = models.DateTimeField(_("時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("課程計畫歷程")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.state}"


class Correction(models.Model):
    """A course whose code changed between two filed versions: the old code, the new one, and why."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="corrections")
    old_code = models.CharField(_("原課程代碼"), max_length=23)
    new_code = models.CharField(_("新課程代碼"), max_length=23)
    reason = models.CharField(_("更正原因"), max_length=200)

    class Meta:
        verbose_name = _("課程代碼更正")
        constraints = [models.UniqueConstraint(fields=["plan", "old_code"], name="correction_once")]

    def __str__(self) -> str:
        return f"{self.old_code} → {self.new_code}"
