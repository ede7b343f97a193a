from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0012_fill_filters")]

    operations = [
        migrations.AddField(
            "jobactivity",
            "interviewing",
            models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Proposals about which the client writes, those with an offer among them.",
            ),
        ),
    ]
