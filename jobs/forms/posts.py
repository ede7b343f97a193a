"""The forms of a post: shape and clean input; what a job must have to be published is in the actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import User
from core.actor import Actor
from core.forms import DateInput, ExplainedChoiceField, MoneyField
from core.product import rules
from files.forms import FilesField, FilesForm
from files.queries import files_of
from jobs.actions import JobTerms, JobTexts
from jobs.actions.drafts import TERM_FIELDS, TEXT_FIELDS
from jobs.actions.terms import LONGEST_QUESTION, Problems
from jobs.models import ATTACHMENT, Job
from profiles.models import Level
from taxonomy.forms import CategoryField, SkillsField, SpecialityField

#: The fields of money of each kind of pay.
FIGURES = {Job.Kind.FIXED: ("budget",), Job.Kind.HOURLY: ("rate_low", "rate_high")}


def capitalised(blank: Any, choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return the choices of a select as the active language begins a line, after the empty one."""
    return [("", blank), *((value, capfirst(str(label))) for value, label in choices)]


class QuestionsField(forms.CharField):
    """Reads one question a line and cleans to a list of texts."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(max_length=4000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show stored questions one a line, and what was typed as it was typed."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        """Return the questions. Says how many there may be and how long each."""
        questions = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        most = rules().questions_maximum
        if len(questions) > most:
            raise ValidationError(
                _("Ask %(most)s questions at most: there are %(number)s."),
                params={"most": most, "number": len(questions)},
            )
        if any(len(question) > LONGEST_QUESTION for question in questions):
            raise ValidationError(_("Keep each question to %(most)s characters."), params={"most": LONGEST_QUESTION})
        return questions


class JobTextsForm(FilesForm):
    """What may change while a job is open."""

    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_("What is to be done, in a few words: “Redesign the checkout of a ferry booking site”."),
        error_messages={
            "required": _("Enter a title."),
            "max_length": _("Shorten the title to %(limit_value)d characters: it has %(show_value)d."),
        },
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "Say what the goal is, what you need delivered, and what it is worth to you. 80 characters or more. "
            "Markdown works: **bold**, - lists, ## headings."
        ),
        error_messages={
            "max_length": _("Shorten the description to %(limit_value)d characters: it has %(show_value)d.")
        },
    )
    language = forms.ChoiceField(label=_("Language of the post"), choices=User.Language.choices)
    category = CategoryField(required=False)
    speciality = SpecialityField(required=False, help_text=_("Narrower than the category, where one fits."))
    skills = SkillsField(required=False)
    visibility = ExplainedChoiceField(
        label=_("Who may see it"),
        choices=Job.Visibility.choices,
        descriptions={
            "public": _("Anyone, and search engines."),
            "signed_in": _("Only people who have an account here."),
            "invited": _("Only people you invite; no list and no search shows it."),
        },
        initial=Job.Visibility.PUBLIC,
    )
    place = forms.CharField(
        label=_("Place or time zone"),
        max_length=80,
        required=False,
        help_text=_("Such as “Remote, Europe”, or the town to work in."),
    )
    wanted_country = forms.ChoiceField(
        label=_("Preferred country"),
        choices=lambda: [("", _("Any country")), *countries],
        required=False,
        help_text=_("Freelancers who live elsewhere are warned, and may still send a proposal."),
    )
    wanted_language = forms.ChoiceField(
        label=_("Preferred language of the profile"),
        choices=lambda: capitalised(_("Any language"), User.Language.choices),
        required=False,
        help_text=_("Freelancers whose profile is in another one are warned, and may still send a proposal."),
    )
    hires_wanted = forms.IntegerField(
        label=_("People wanted"),
        min_value=1,
        initial=1,
        error_messages={
            "required": _("Enter how many people you want."),
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter 1 or more."),
        },
    )
    attachments = FilesField(kind=ATTACHMENT, required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, job: Job | None = None, **kwargs: Any) -> None:
        """Take the job that is changed; its words are shown until others are typed."""
        kwargs["initial"] = {
            **(_initial(job) if job else {"language": (get_language() or "en")[:2]}),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self.job = job
        most = rules().hires_maximum
        self.fields["hires_wanted"].validators.append(
            MaxValueValidator(most, _("Enter %(most)s or fewer.") % {"most": most})
        )

    def clean(self) -> dict[str, Any]:
        """Let a speciality name its category, and refuse one of another category."""
        cleaned = super().clean() or self.cleaned_data
        category, speciality = cleaned.get("category"), cleaned.get("speciality")
        if speciality and category is None and "category" not in self.errors:
            cleaned["category"] = speciality.category
        elif speciality and category and speciality.category_id != category.pk:
            self.add_error(
                "speciality", _("This speciality belongs to another category. Choose one of the category above.")
            )
        return cleaned

    def texts(self) -> JobTexts:
        """Return what was filled in, for the verb."""
        return JobTexts(**self._values(TEXT_FIELDS), skill_ids=self._skill_ids(), file_ids=self._file_ids())

    def add_problems(self, problems: Problems) -> None:
        """Show what a job lacks beside the fields it is about."""
        for name, messages in problems.items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, messages)

    def _values(self, names: Iterable[str]) -> dict[str, Any]:
        cleaned = {**self.cleaned_data, "category_id": None, "speciality_id": None}
        for name in ("category", "speciality"):
            chosen = self.cleaned_data.get(name)
            cleaned[f"{name}_id"] = chosen.pk if chosen else None
        return {name: cleaned[name] for name in names}

    def _skill_ids(self) -> tuple[int, ...]:
        return tuple(skill.pk for skill in self.cleaned_data["skills"])

    def _file_ids(self) -> tuple[Any, ...]:
        return tuple(file.pk for file in self.cleaned_data["attachments"])


class JobForm(JobTextsForm):
    """A draft: everything but the title may still be missing."""

    kind = ExplainedChoiceField(
        label=_("How is it paid?"),
        choices=Job.Kind.choices,
        descriptions={
            "fixed": _("One price for the whole work, paid in milestones."),
            "hourly": _("By the hour, inside a range of rates. An offer is still for a fixed price."),
        },
        initial=Job.Kind.FIXED,
    )
    budget = MoneyField(
        label=_("Budget"),
        required=False,
        help_text=_("For a fixed price. The whole of what you want to pay, before fees and tax."),
    )
    rate_low = MoneyField(label=_("Hourly rate from"), required=False)
    rate_high = MoneyField(label=_("Hourly rate to"), required=False)
    duration = forms.ChoiceField(
        label=_("Duration"), choices=lambda: capitalised(_("Not known yet"), Job.Duration.choices), required=False
    )
    weekly_load = forms.TypedChoiceField(
        label=_("Load"),
        choices=lambda: capitalised(_("Not known yet"), Job.Load.choices),
        coerce=int,
        empty_value=None,
        required=False,
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=lambda: capitalised(_("Choose a level"), Level.choices), required=False
    )
    starts_on = forms.DateField(label=_("Start"), required=False, widget=DateInput())
    due_on = forms.DateField(label=_("Delivery"), required=False, widget=DateInput())
    questions = QuestionsField(label=_("Questions"), required=False)

    field_order = ("title", "language", "description", "category", "speciality", "skills", "level", "kind", "budget",
        "rate_low", "rate_high", "duration", "weekly_load", "starts_on", "due_on", "questions", "attachments",
        "visibility", "place", "wanted_country", "wanted_language", "hires_wanted", "seen_version")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say how many questions there may be."""
        super().__init__(*args, **kwargs)
        most = rules().questions_maximum
        self.fields["questions"].help_text = _("One a line, %(most)d at most. Each proposal answers them.") % {
            "most": most
        }

    def clean(self) -> dict[str, Any]:
        """Refuse rates that are the wrong way round; drop the figures of the other kind of pay."""
        cleaned = super().clean()
        for name in FIGURES[Job.Kind.HOURLY if cleaned.get("kind") == Job.Kind.FIXED else Job.Kind.FIXED]:
            self.errors.pop(name, None)
            cleaned[name] = None
        low, high = cleaned.get("rate_low"), cleaned.get("rate_high")
        if low is not None and high is not None and low > high:
            self.add_error("rate_high", _("Enter a rate that is not below the first one."))
        starts, due = cleaned.get("starts_on"), cleaned.get("due_on")
        if starts is not None and due is not None and due < starts:
            self.add_error("due_on", _("Enter a day that is not before the start."))
        return cleaned

    def terms(self) -> JobTerms:
        """Return what was filled in, for the verb."""
        values = self._values(TERM_FIELDS)
        values["questions"] = tuple(values["questions"])
        return JobTerms(**values, skill_ids=self._skill_ids(), file_ids=self._file_ids())


def _initial(job: Job) -> dict[str, Any]:
    """Return what the form of a job shows at first."""
    return {
        **{name: getattr(job, name) for name in TERM_FIELDS},
        "wanted_country": str(job.wanted_country or ""),
        "category": job.category_id,
        "speciality": job.speciality_id,
        "skills": list(job.skills.all()),
        "attachments": files_of(ATTACHMENT, job.pk),
        "seen_version": job.version,
    }


def post_form(job: Job | None, by: Actor, data: Any = None, files: Any = None) -> JobTextsForm:
    """Return the form that fits the state of a job: the words of an open one, all of any other."""
    kind = JobTextsForm if job is not None and job.status in Job.LIVE else JobForm
    return kind(data, files, job=job, by=by)
