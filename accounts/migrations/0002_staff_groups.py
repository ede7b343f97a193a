"""The five groups of staff; what each may do is decided by predicates, not by model permissions."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUPS = ("support", "moderator", "mediator", "finance", "administrator")


def make_groups(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups that are not there."""
    group = apps.get_model("auth", "Group")
    for name in GROUPS:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("accounts", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
