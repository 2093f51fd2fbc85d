from pathlib import Path

from django.db import migrations, models

CHAIN = (Path(__file__).resolve().parent.parent / "chain.sql").read_text(encoding="utf-8")
UNCHAIN = """
DROP TRIGGER audit_entry_comes ON audit_auditentry;
DROP TRIGGER audit_not_emptied ON audit_auditentry;
DROP TRIGGER audit_not_emptied ON audit_auditlink;
DROP TRIGGER audit_not_emptied ON audit_audithead;
DROP TRIGGER audit_link_append_only ON audit_auditlink;
DROP TRIGGER audit_head_stays ON audit_audithead;
DROP TRIGGER audit_head_moves_on ON audit_audithead;
DROP TABLE audit_auditpending;
DROP FUNCTION audit_entry_comes(), audit_chain_pending(), audit_chain_from(bigint), audit_head_moves_on();
DROP FUNCTION audit_locked_head(bigint);
DROP FUNCTION audit_hash(bytea, bigint, bigint, audit_auditentry), audit_field(text);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.PROTECT,
                        primary_key=True,
                        related_name="link",
                        serialize=False,
                        to="audit.auditentry",
                        verbose_name="稽核紀錄",
                    ),
                ),
                ("chain", models.BigIntegerField(verbose_name="鏈")),
                ("sequence", models.BigIntegerField(verbose_name="序號")),
                ("hash", models.BinaryField(verbose_name="雜湊")),
            ],
            options={
                "verbose_name": "稽核鏈環節",
                "constraints": [
                    models.UniqueConstraint(fields=["chain", "sequence"], name="audit_link_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                (
                    "chain",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="鏈"),
                ),
                ("sequence", models.BigIntegerField(verbose_name="序號")),
                ("hash", models.BinaryField(verbose_name="雜湊")),
            ],
            options={"verbose_name": "稽核鏈頭"},
        ),
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                (
                    "chain",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="鏈"),
                ),
                ("sequence", models.BigIntegerField(verbose_name="序號")),
                ("at", models.DateTimeField(auto_now=True, verbose_name="時間")),
            ],
            options={"verbose_name": "稽核錨點"},
        ),
        migrations.RemoveIndex(model_name="auditentry", name="audit_at"),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["school_id", "at", "id"], name="audit_by_time"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["school_id", "person_id", "at", "id"], name="audit_by_person"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["school_id", "action", "at", "id"], name="audit_by_action"),
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
