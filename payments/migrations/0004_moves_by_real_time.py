from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_withdrawal_schedules")]

    operations = [
        migrations.AddField(
            model_name="moneymove",
            name="ahead",
            field=models.DurationField(
                default=timedelta,
                help_text="How far the demonstration clock ran ahead when it was first sent: a call takes real time.",
            ),
        ),
    ]
