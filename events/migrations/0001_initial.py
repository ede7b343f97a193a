import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='App and past tense: "contracts.milestone_approved".', max_length=80)),
                ('subject', models.CharField(help_text='The thing it happened to: "milestone:7".', max_length=80)),
                ('scope', models.CharField(blank=True, help_text='Whose timeline shows it: "contract:3".', max_length=80)),
                ('actor_user_id', models.BigIntegerField(blank=True, help_text='The person who acted; none for the system.', null=True)),
                ('actor_party_id', models.BigIntegerField(blank=True, help_text='The party acted for.', null=True)),
                ('impersonator_id', models.BigIntegerField(blank=True, help_text='The staff user behind that person, if any.', null=True)),
                ('is_system', models.BooleanField(default=False, help_text='Whether a clock, a worker or a webhook acted.')),
                ('reason', models.TextField(blank=True, help_text="Why, in the actor's words.")),
                ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, help_text='What else the kind says, before and after.')),
                ('request_id', models.CharField(blank=True, help_text='The request or task it came from.', max_length=64)),
                ('at', models.DateTimeField(help_text='When it happened.')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, help_text='Real time of writing.')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'indexes': [models.Index(condition=models.Q(('scope', ''), _negated=True), fields=['scope', '-id'], name='events_event_scope'), models.Index(fields=['subject', '-id'], name='events_event_subject'), models.Index(fields=['kind', '-id'], name='events_event_kind')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handler', models.CharField(help_text='Who is told: "proposals.handlers.return_connects".', max_length=120)),
                ('state', models.CharField(choices=[('pending', 'pending'), ('done', 'done'), ('failed', 'failed')], default='pending', help_text='Failed ones wait for staff.', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='How often it was begun.')),
                ('next_at', models.DateTimeField(help_text='Not tried before this time.')),
                ('done_at', models.DateTimeField(blank=True, help_text='When the handler was through.', null=True)),
                ('error', models.TextField(blank=True, help_text='What went wrong last.')),
                ('event', models.ForeignKey(help_text='The fact to tell.', on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='events.event')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_at', 'id'], name='events_delivery_due'), models.Index(condition=models.Q(('state', 'failed')), fields=['id'], name='events_delivery_failed')],
                'constraints': [models.UniqueConstraint(fields=('event', 'handler'), name='events_delivery_once'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('state', 'done')), models.Q(models.Q(('state', 'done'), _negated=True), ('done_at__isnull', True)), _connector='OR'), name='events_delivery_done_at')],
            },
        ),
    ]
