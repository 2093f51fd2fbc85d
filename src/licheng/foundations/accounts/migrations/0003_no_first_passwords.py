from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_enrolment_codes")]
    operations = [migrations.RemoveField("user", "must_change_password")]
