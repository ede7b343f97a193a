import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_privacy"),
        ("jobs", "0012_fill_filters"),
        ("proposals", "0011_conversations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterPrint",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="letter_print",
                        serialize=False,
                        to="proposals.proposal",
                    ),
                ),
                (
                    "runs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        help_text="Hashes of the runs of words, without what is only polite.",
                        size=None,
                    ),
                ),
                (
                    "share",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Percent of the runs that one other letter has too."
                    ),
                ),
                (
                    "found",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("own", "in letters of the same author to other clients"),
                            ("rival", "in an earlier letter of somebody else on this job"),
                        ],
                        help_text="Where, if it is much.",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "verbose_name": "print of a letter",
                "verbose_name_plural": "prints of letters",
            },
        ),
        migrations.CreateModel(
            name="ProposalNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(help_text="Markdown.", max_length=2000, verbose_name="note")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("edited_at", models.DateTimeField(blank=True, null=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "note on a proposal",
                "verbose_name_plural": "notes on proposals",
            },
        ),
        migrations.CreateModel(
            name="Scorecard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("skills", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "communication",
                    models.PositiveSmallIntegerField(blank=True, null=True),
                ),
                ("price", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("availability", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("impression", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("filled_at", models.DateTimeField(verbose_name="filled in")),
            ],
            options={
                "verbose_name": "scorecard",
                "verbose_name_plural": "scorecards",
            },
        ),
        migrations.AddField(
            model_name="proposal",
            name="archived_at",
            field=models.DateTimeField(blank=True, help_text="The client's label, never shown to others.", null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="decline_message",
            field=models.TextField(
                blank=True,
                help_text="What the client wrote with its no, for the freelancer.",
                max_length=2000,
                verbose_name="message",
            ),
        ),
        AddConstraintNotValid(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "declined"), ("decline_message", ""), _connector="OR"),
                name="proposals_proposal_message_of_a_no",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterprint",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__lte", 100)), name="proposals_letterprint_percent"
            ),
        ),
        migrations.AddField(
            model_name="proposalnote",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="proposalnote",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="proposals.proposal"
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="scorecards", to="proposals.proposal"
            ),
        ),
        migrations.AddIndex(
            model_name="proposalnote",
            index=models.Index(fields=["proposal", "created_at"], name="proposals_note_in_order"),
        ),
        migrations.AddConstraint(
            model_name="proposalnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="proposals_note_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("edited_at", None), ("edited_at__gte", models.F("created_at")), _connector="OR"),
                name="proposals_note_edited_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.UniqueConstraint(fields=("proposal", "author"), name="proposals_scorecard_one_each"),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("skills__range", (1, 5)), ("skills", None), _connector="OR"),
                name="proposals_scorecard_skills",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("communication__range", (1, 5)), ("communication", None), _connector="OR"),
                name="proposals_scorecard_communication",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__range", (1, 5)), ("price", None), _connector="OR"),
                name="proposals_scorecard_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("availability__range", (1, 5)), ("availability", None), _connector="OR"),
                name="proposals_scorecard_availability",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("impression__range", (1, 5)), ("impression", None), _connector="OR"),
                name="proposals_scorecard_impression",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("availability", None),
                    ("communication", None),
                    ("impression", None),
                    ("price", None),
                    ("skills", None),
                    _negated=True,
                ),
                name="proposals_scorecard_has_a_mark",
            ),
        ),
    ]
