from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("proposals", "0012_inbox")]

    operations = [ValidateConstraint("proposal", name="proposals_proposal_message_of_a_no")]
