"""Keep of events that were stored before only which object they speak of, and nothing of the people they concern."""

from django.db import migrations

TRIM = """
UPDATE payments_webhookevent SET body = jsonb_strip_nulls(jsonb_build_object(
    'id', body->'id', 'type', body->'type', 'object', body->'object', 'created', body->'created',
    'account', body->'account', 'api_version', body->'api_version', 'livemode', body->'livemode',
    'related_object', body->'related_object',
    'data', CASE WHEN jsonb_typeof(body->'data'->'object') = 'object' THEN jsonb_build_object(
        'object', jsonb_build_object(
            'id', body->'data'->'object'->'id', 'object', body->'data'->'object'->'object',
            'status', body->'data'->'object'->'status', 'metadata', body->'data'->'object'->'metadata')) END))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0012_event_failed_case"),
    ]

    operations = [
        migrations.RunSQL(TRIM, migrations.RunSQL.noop),
    ]
