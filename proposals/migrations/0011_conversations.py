import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_privacy"),
        ("jobs", "0013_interviewing"),
        ("proposals", "0010_interviewing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conversations", to="jobs.job"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conversations", to="accounts.party"
                    ),
                ),
            ],
            options={
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
            },
        ),
        migrations.CreateModel(
            name="Interview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "times proposed"),
                            ("accepted", "agreed"),
                            ("cancelled", "cancelled"),
                            ("held", "held"),
                            ("expired", "expired"),
                        ],
                        default="proposed",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, help_text="Grows with each change: what a calendar knows as its sequence."
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(help_text="Minutes.", verbose_name="length")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("call", "Call in the browser, in this room"),
                            ("link", "Meeting elsewhere, with a link"),
                        ],
                        default="call",
                        max_length=4,
                        verbose_name="how",
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["https"])],
                        verbose_name="link to the meeting",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=500, verbose_name="note")),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True, help_text="The time that was agreed.", null=True, verbose_name="begins"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created")),
                (
                    "proposed_at",
                    models.DateTimeField(
                        help_text="When the times that stand now were proposed.", verbose_name="proposed"
                    ),
                ),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="agreed")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("cancel_note", models.TextField(blank=True, max_length=500, verbose_name="why it was cancelled")),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it ends by itself: the last time proposed, or the end of the agreed one.",
                        null=True,
                    ),
                ),
                (
                    "remind_at",
                    models.DateTimeField(blank=True, help_text="The next reminder of an agreed one.", null=True),
                ),
                (
                    "author",
                    models.ForeignKey(
                        help_text="Who proposed the times.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interviews",
                        to="proposals.conversation",
                    ),
                ),
                (
                    "proposer",
                    models.ForeignKey(
                        help_text="Whose times these are: the other side answers.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.party",
                    ),
                ),
            ],
            options={
                "verbose_name": "interview",
                "verbose_name_plural": "interviews",
            },
        ),
        migrations.CreateModel(
            name="InterviewSlot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                (
                    "interview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slots", to="proposals.interview"
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at"],
            },
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["party"], name="proposals_conversation_party"),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(fields=("job", "party"), name="proposals_conversation_once"),
        ),
        migrations.AddIndex(
            model_name="interview",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="proposals_interview_due"
            ),
        ),
        migrations.AddIndex(
            model_name="interview",
            index=models.Index(
                condition=models.Q(("remind_at__isnull", False)),
                fields=["remind_at"],
                name="proposals_interview_remind",
            ),
        ),
        migrations.AddIndex(
            model_name="interview",
            index=models.Index(fields=["conversation", "-created_at"], name="proposals_interview_newest"),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["proposed", "accepted"])),
                fields=("conversation",),
                name="proposals_interview_one_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at", None), ("starts_at", None), ("status", "proposed")),
                    models.Q(("accepted_at", None), ("starts_at", None), ("status", "expired")),
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("starts_at__isnull", False),
                        ("status__in", ["accepted", "held"]),
                    ),
                    ("status", "cancelled"),
                    _connector="OR",
                ),
                name="proposals_interview_agreed_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("ended_at", None), ("status__in", ["proposed", "accepted"])),
                    models.Q(
                        ("due_at", None), ("ended_at__isnull", False), ("status__in", ["cancelled", "held", "expired"])
                    ),
                    _connector="OR",
                ),
                name="proposals_interview_ended_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(("remind_at", None), ("status", "accepted"), _connector="OR"),
                name="proposals_interview_reminded",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancel_note", ""), ("status", "cancelled"), _connector="OR"),
                name="proposals_interview_cancel_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("link", ""), ("way", "call")),
                    models.Q(("link__startswith", "https://"), ("way", "link")),
                    _connector="OR",
                ),
                name="proposals_interview_link",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 5), ("minutes__lte", 480)), name="proposals_interview_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="interviewslot",
            constraint=models.UniqueConstraint(fields=("interview", "starts_at"), name="proposals_interviewslot_once"),
        ),
    ]
