from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "0008_newest")]

    operations = [
        migrations.AddField("partyfacts", name, field)
        for name, field in (
            (
                "jobs_open",
                models.PositiveIntegerField(default=0, help_text="Posted jobs that take proposals now."),
            ),
            (
                "jobs_ended",
                models.PositiveIntegerField(
                    default=0, help_text="Posted jobs that were filled, were closed by the client, or expired."
                ),
            ),
            (
                "jobs_ended_hired",
                models.PositiveIntegerField(default=0, help_text="Of them with at least one hire."),
            ),
            (
                "proposals_received",
                models.PositiveIntegerField(default=0, help_text="On the party's jobs, whatever became of them."),
            ),
            (
                "proposals_answered",
                models.PositiveIntegerField(
                    default=0, help_text="Of them opened, shortlisted, declined or answered with an offer."
                ),
            ),
            (
                "answer_minutes",
                models.PositiveIntegerField(
                    null=True,
                    help_text="Median of the minutes from a proposal to the client's first act on it; of those answered.",
                ),
            ),
        )
    ]
