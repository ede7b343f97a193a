from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField(help_text="Who sent it.")),
                (
                    "token",
                    models.CharField(help_text="What the page that showed the form put into it.", max_length=40),
                ),
                ("made", models.BigIntegerField(default=0, help_text="Number of what it made.")),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user_id", "token"), name="core_sentform_once")],
            },
        ),
    ]
