from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calendar", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="outcomes_per_course",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="每學期每科上傳課程學習成果"
            ),
        ),
    ]
