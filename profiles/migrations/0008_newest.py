from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built while profiles are read and written

    dependencies = [("profiles", "0007_talent_lists")]

    operations = [
        AddIndexConcurrently(
            model_name="profile",
            index=models.Index(
                condition=models.Q(("status", "approved")), fields=["approved_at"], name="profiles_profile_newest"
            ),
        ),
    ]
