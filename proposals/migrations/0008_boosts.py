from django.db import migrations, models

REASONS = [
    ("closed", "the client closed the job without hiring"),
    ("expired", "the job expired"),
    ("removed", "the job was removed"),
    ("unopened", "the client did not open the proposal in time"),
    ("outbid", "a higher bid took the marked place before the client acted"),
]


class Migration(migrations.Migration):
    dependencies = [("proposals", "0007_answers_known")]

    operations = [
        migrations.AddField(
            "proposal",
            "boost",
            models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Connects bid for a marked place; 0 for none, and for one whose connects came back.",
                verbose_name="boost",
            ),
        ),
        migrations.AddField(
            "proposal",
            "boosted_at",
            models.DateTimeField(blank=True, help_text="When the bid was last raised.", null=True),
        ),
        migrations.AddField(
            "proposal",
            "outbid_at",
            models.DateTimeField(
                blank=True,
                help_text="When a higher bid took its place; empty again once it is raised.",
                null=True,
                verbose_name="outbid",
            ),
        ),
        migrations.AddField(
            "connectlot",
            "reminded_at",
            models.DateTimeField(blank=True, help_text="When its party was told that it will expire.", null=True),
        ),
        migrations.AlterField(
            "connectspend",
            "part",
            models.CharField(
                choices=[("proposal", "proposal"), ("boost", "boost")],
                default="proposal",
                max_length=12,
                verbose_name="part",
            ),
        ),
        migrations.AlterField("connectspend", "reason", models.CharField(blank=True, choices=REASONS, max_length=12)),
        migrations.AlterModelOptions(
            "connectspend", {"verbose_name": "spend of connects", "verbose_name_plural": "spends of connects"}
        ),
    ]
