from datetime import timedelta

from django.db import migrations, models
from django.utils import timezone

DAYS = 365
NONE = "none"  # no digest: opens nothing


def hand_over(apps, _schema_editor):
    """Each school's token goes on working, now as a machine token with an end."""
    schools = apps.get_model("intake", "RegisteredSchool")
    tokens = apps.get_model("machines", "MachineToken")
    rows = schools.objects.exclude(token_sha256__startswith=NONE)
    for code, digest in rows.values_list("code", "token_sha256"):
        tokens.objects.get_or_create(
            sha256=digest,
            defaults={
                "name": "送件系統",
                "holder": code,
                "scopes": ["deposit"],
                "prefix": "",
                "made_by": "migration:intake.0002",
                "expires_at": timezone.now() + timedelta(days=DAYS),
            },
        )


def take_back(apps, _schema_editor):
    """The newest token of each school that works stands beside it again; a school without one gets none that opens."""
    schools = apps.get_model("intake", "RegisteredSchool")
    tokens = apps.get_model("machines", "MachineToken")
    for school in schools.objects.all():
        held = tokens.objects.filter(holder=school.code, scopes__contains=["deposit"], revoked_at=None)
        newest = held.order_by("-made_at").first()
        school.token_sha256 = newest.sha256 if newest else f"{NONE}{school.pk:060d}"
        school.save(update_fields=["token_sha256"])


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("machines", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="registeredschool",
            name="token_sha256",
            field=models.CharField(max_length=64, default="", null=True),
        ),
        migrations.RunPython(hand_over, take_back),
        migrations.RemoveField(model_name="registeredschool", name="token_sha256"),
    ]
