from django.db import migrations, models

GUARD = """
CREATE TRIGGER audit_anchor_append_only BEFORE UPDATE OR DELETE ON audit_auditanchor
    FOR EACH ROW EXECUTE FUNCTION audit_refuses_change();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_auditanchor EXECUTE FUNCTION audit_refuses_change();
"""
UNGUARD = """
DROP TRIGGER audit_not_emptied ON audit_auditanchor;
DROP TRIGGER audit_anchor_append_only ON audit_auditanchor;
"""


class Migration(migrations.Migration):
    """Anchors are added one after another; until now each chain had one row, which was overwritten.

    The old rows are left out: at the next anchoring the log is told each head once more, which says nothing new.
    """

    dependencies = [("audit", "0003_chains")]
    operations = [
        migrations.DeleteModel("AuditAnchor"),
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.BigIntegerField(verbose_name="鏈")),
                ("sequence", models.BigIntegerField(verbose_name="序號")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="時間")),
            ],
            options={
                "verbose_name": "稽核錨點",
                "constraints": [
                    models.UniqueConstraint(fields=["chain", "sequence"], name="audit_anchor_once")
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
