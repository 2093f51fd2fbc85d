from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from licheng.courseplans.plans.names import DROP_FUNCTION, MAKE_FUNCTION, NameGrams


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]

    operations = [
        migrations.RunSQL(MAKE_FUNCTION, DROP_FUNCTION),
        migrations.AddField(
            model_name="plancourse",
            name="name_grams",
            field=models.GeneratedField(
                expression=NameGrams("name"), output_field=ArrayField(models.TextField()), db_persist=True
            ),
        ),
        migrations.AddIndex(
            model_name="plancourse",
            index=GinIndex(fields=["name_grams"], name="plan_course_by_name"),
        ),
        migrations.AddIndex(
            model_name="plancourse",
            index=models.Index(fields=["domain", "plan", "group"], name="plan_course_by_domain"),
        ),
    ]
