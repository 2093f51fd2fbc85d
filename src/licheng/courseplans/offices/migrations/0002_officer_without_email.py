from django.db import migrations


class Migration(migrations.Migration):
    """Letters go to the address that the account has shown to be its own; this column was never filled."""

    dependencies = [("offices", "0001_initial")]
    operations = [migrations.RemoveField(model_name="officer", name="email")]
