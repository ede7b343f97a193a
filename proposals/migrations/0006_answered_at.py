from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0005_worker")]

    operations = [
        migrations.AddField(
            "proposal",
            "answered_at",
            models.DateTimeField(
                blank=True,
                help_text="The client's first act on it: opened, shortlisted, declined, or an offer being sent.",
                null=True,
                verbose_name="answered",
            ),
        ),
    ]
