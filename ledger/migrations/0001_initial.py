import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AccountKind',
            fields=[
                ('name', models.CharField(help_text="What comes before the owner in an account's name.", max_length=32, primary_key=True, serialize=False)),
                ('sign', models.SmallIntegerField(help_text='+1 or -1: the only sign its balances may have. 0: hot, rolled up.')),
                ('usual_sign', models.SmallIntegerField(help_text='The sign check_books expects; 0 where either may happen.')),
                ('is_live', models.BooleanField(help_text="Whether the balance stands on the account's row.")),
                ('is_owned', models.BooleanField(help_text='Whether its accounts name an owner.')),
            ],
            options={
                'verbose_name': 'kind of account',
                'verbose_name_plural': 'kinds of account',
                'constraints': [models.UniqueConstraint(fields=('name', 'sign'), name='ledger_accountkind_sign'), models.CheckConstraint(condition=models.Q(models.Q(('is_live', True), ('sign__in', (-1, 1))), models.Q(('is_live', False), ('sign', 0)), _connector='OR'), name='ledger_accountkind_is_live')],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.ForeignKey(db_column='kind', db_index=False, help_text='Its line in the chart.', on_delete=django.db.models.deletion.PROTECT, to='ledger.accountkind')),
                ('owner', models.CharField(blank=True, help_text='Whose it is, opaque here: "party:12", "milestone:7".', max_length=80)),
                ('name', models.GeneratedField(db_persist=True, expression=models.Case(models.When(owner='', then=models.F('kind')), default=models.Func(models.F('kind'), models.Value(':'), models.F('owner'), arg_joiner=' || ', template='%(expressions)s')), help_text='Kind and owner: "held:milestone:7".', output_field=models.CharField(max_length=113))),
                ('currency', models.CharField(help_text='ISO code, or CONNECT.', max_length=7)),
                ('sign', models.SmallIntegerField(help_text='Copied from the kind.')),
                ('balance', models.BigIntegerField(default=0, help_text='In minor units; stays 0 on hot accounts, which are rolled up.')),
                ('opened_at', models.DateTimeField(help_text='The time of its first transfer.')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
            },
        ),
        migrations.CreateModel(
            name='Rollup',
            fields=[
                ('account', models.OneToOneField(help_text='The hot account.', on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='ledger.account')),
                ('amount', models.BigIntegerField(help_text='Sum of its entries below the horizon.')),
                ('horizon', models.BigIntegerField(help_text='The oldest transaction that was still running.')),
                ('cluster', models.BigIntegerField(help_text='The PostgreSQL cluster whose transactions these are.')),
                ('rolled_at', models.DateTimeField(help_text='When it was last moved on.')),
            ],
            options={
                'verbose_name': 'rollup',
                'verbose_name_plural': 'rollups',
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Names the event for ever: "release:12".', max_length=255)),
                ('kind', models.CharField(help_text='What happened: "release".', max_length=64)),
                ('at', models.DateTimeField(help_text='When it happened.')),
                ('currency', models.CharField(help_text='Of all its entries.', max_length=7)),
                ('created_at', models.DateTimeField(help_text='Real time of writing.')),
                ('reverses', models.ForeignKey(blank=True, db_index=False, help_text='The transfer it undoes.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='ledger.transfer')),
            ],
            options={
                'verbose_name': 'transfer',
                'verbose_name_plural': 'transfers',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(help_text='In minor units: above 0 credit, below 0 debit.')),
                ('written_by', models.BigIntegerField(blank=True, help_text='The database transaction that wrote it; on hot accounts only, for the roll-up.', null=True)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, help_text='What it moves.', on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.account')),
                ('transfer', models.ForeignKey(db_constraint=False, db_index=False, help_text='Its event.', on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.transfer')),
            ],
            options={
                'verbose_name': 'entry',
                'verbose_name_plural': 'entries',
            },
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('name', 'currency'), name='ledger_account_name'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('owner', 'kind', 'currency'), name='ledger_account_owner'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('balance', 0), ('sign', 0)), models.Q(('balance__gte', 0), ('sign', 1)), models.Q(('balance__lte', 0), ('sign', -1)), _connector='OR'), name='ledger_account_balance_sign'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(fields=('key',), name='ledger_transfer_key'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='ledger_transfer_reversed_once'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['account', 'id'], include=('amount',), name='ledger_entry_statement'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('written_by__isnull', False)), fields=['account', 'written_by'], include=('amount',), name='ledger_entry_rollup'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('transfer', 'account'), name='ledger_entry_account_once'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='ledger_entry_not_zero'),
        ),
    ]
