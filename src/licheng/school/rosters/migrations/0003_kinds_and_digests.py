"""The kind of a file may be found by the worker; and digests of rows without making text of them.

Imports that were applied before cannot be undone afterwards: their digests are others.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

NOTE = import_module("licheng.school.rosters.migrations.0002_notes_of_changes").NOTE
REPLACE = NOTE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
BY_RECORD = REPLACE.replace("hashtextextended(r::text, 0)", "hash_record_extended(r, 0)")


class Migration(migrations.Migration):
    dependencies = [("rosters", "0002_notes_of_changes")]

    operations = [
        migrations.RunSQL(BY_RECORD, REPLACE),
        migrations.AlterField(
            model_name="rosterimport",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("course-codes", "課程代碼檔"),
                    ("staff", "教職員名冊"),
                    ("classes", "班級名冊"),
                    ("students", "學生名冊"),
                    ("guardians", "家長名冊"),
                    ("enrolments", "修課名冊"),
                    ("學生資料", "學生資料名冊"),
                    ("借讀", "學生借讀資料"),
                    ("校內幹部經歷", "校內幹部經歷名冊"),
                    ("學期成績", "學期成績"),
                    ("補修", "補修成績"),
                    ("轉學轉科", "轉學轉科成績"),
                    ("重修", "重修成績"),
                    ("重讀", "重讀成績"),
                    ("進修部學期成績", "進修部學期成績"),
                    ("進修部補考", "進修部補考成績"),
                    ("進修部轉學轉科", "進修部轉學轉科成績"),
                    ("成績名冊", "整本成績名冊"),
                ],
                default="",
                max_length=16,
                verbose_name="名冊",
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterimport",
            constraint=models.CheckConstraint(
                condition=~Q(kind="") | ~Q(state__in=["ready", "applying", "applied", "undone"]),
                name="previewed_import_has_kind",
            ),
        ),
    ]
