from django.db import migrations, models

KINDS = [("outcome", "課程學習成果"), ("activity", "多元表現"), ("consult", "課程諮詢紀錄")]


def kind():
    return models.CharField(choices=KINDS, max_length=8, verbose_name="項目種類")


class Migration(migrations.Migration):
    dependencies = [("uploads", "0001_initial")]

    operations = [
        migrations.AlterField(model_name="upload", name="item_kind", field=kind()),
        migrations.AlterField(model_name="preparation", name="item_kind", field=kind()),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(("state", "receiving")), fields=["changed_at"], name="upload_on_its_way"
            ),
        ),
    ]
