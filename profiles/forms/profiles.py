"""The form of a profile, and staff's answer to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import DomainError
from core.forms import MoneyField
from core.product import rules
from core.text import one_line
from files.forms import FilesForm, ImageField
from messaging.guard import LeadsAway
from profiles.actions import AddressTaken, ProfileTexts
from profiles.actions.profiles import LEAST_RATE, MOST_RATE, PHOTO
from profiles.models import Level, Profile, ProfileReview
from profiles.queries.profiles import OVERVIEW_LEAST
from taxonomy.forms import CategoryField, SkillsField, SpecialitiesField
from taxonomy.models import Category
from taxonomy.queries import category_of


class ProfileForm(FilesForm):
    """Everything on a profile. Nothing is required to save a draft; what is missing is asked for when submitting."""

    use_required_attribute = False
    #: What a profile needs before staff read it; a draft may leave it empty.
    NEEDED = ("title", "overview", "category", "level", "skills", "hourly_rate")

    photo = ImageField(
        kind=PHOTO, required=False, help_text=_("JPEG, PNG, GIF or WebP. The middle is used, as a square.")
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=100,
        required=False,
        help_text=_("What you do, in the words a client would search for. 100 characters at most."),
    )
    overview = forms.CharField(
        label=_("Overview"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("100 to 5,000 characters. The first 250 are shown in lists. Markdown works."),
    )
    category = CategoryField(required=False)
    specialities = SpecialitiesField(required=False, widget=forms.CheckboxSelectMultiple)
    level = forms.ChoiceField(
        label=_("Level"),
        required=False,
        choices=Level.choices,
        widget=forms.RadioSelect,
    )
    skills = SkillsField(required=False)
    hourly_rate = MoneyField(
        label=_("Hourly rate"),
        required=False,
        minimum=LEAST_RATE,
        maximum=MOST_RATE,
        help_text=_("Without VAT and before our fee. You name a price of your own in each proposal."),
    )
    language = forms.ChoiceField(
        label=_("Language of these texts"),
        choices=User.Language.choices,
        help_text=_("The language you wrote them in."),
    )
    slug = forms.SlugField(
        label=_("Address of your profile"),
        max_length=60,
        min_length=3,
        error_messages={"invalid": _("Use letters without accents, digits and hyphens.")},
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        """Take the profile, saved or not, whose content the form shows."""
        super().__init__(*args, initial=_initial(profile), **kwargs)
        self.fields["slug"].help_text = f"/f/{profile.slug}/"
        levels = self.fields["level"]
        levels.descriptions = {  # type: ignore[attr-defined]
            Level.ENTRY: _("You are starting out, and your rate shows it."),
            Level.INTERMEDIATE: _("You have done this kind of work several times."),
            Level.EXPERT: _("You have years of it, and others ask you."),
        }
        chosen = self._chosen_category(profile)
        choices = [(each.slug, each.name) for each in chosen.specialities.all()] if chosen else []
        self.fields["specialities"].widget.choices = choices
        self.has_specialities = bool(choices)

    def clean_title(self) -> str:
        """Return the title on one line."""
        return one_line(self.cleaned_data["title"])

    def clean_overview(self) -> str:
        """Return the overview, its line ends as one sign each."""
        return str(self.cleaned_data["overview"]).replace("\r\n", "\n").strip()

    def clean_slug(self) -> str:
        """Return the address in lower case."""
        return str(self.cleaned_data["slug"]).lower()

    def show_needed(self) -> None:
        """Show what must be there in the end without "(optional)", once what was typed has been checked."""
        self.is_valid()
        for name in self.NEEDED:
            self.fields[name].required = True

    def texts(self) -> ProfileTexts:
        """Return what the verb takes; specialities of another category than the chosen one are left out."""
        data = self.cleaned_data
        category: Category | None = data["category"]
        return ProfileTexts(
            title=data["title"],
            overview=data["overview"],
            language=data["language"],
            category_id=category.pk if category else None,
            speciality_ids=[each.pk for each in data["specialities"] if category and each.category_id == category.pk],
            skill_ids=[each.pk for each in data["skills"]],
            level=data["level"],
            hourly_rate=data["hourly_rate"],
        )

    def add_refusal(self, error: DomainError) -> None:
        """Show why the profile was not saved, beside the field it is about where there is one."""
        if isinstance(error, LeadsAway):
            for name, several in error.problems.items():
                self.add_error(name, several)
        else:
            self.add_error("slug" if isinstance(error, AddressTaken) else None, error.message)

    def photo_id(self) -> UUID | None:
        """Return the id of the picture that the form holds."""
        photos = self.cleaned_data["photo"]
        return photos[0].pk if photos else None

    def _chosen_category(self, profile: Profile) -> Category | None:
        if self.is_bound:
            return category_of(str(self.data.get("category", "")))
        return category_of(profile.category.slug) if profile.category else None


def _initial(profile: Profile) -> dict[str, Any]:
    is_saved = profile.pk is not None
    return {
        "photo": [profile.photo] if profile.photo else [],
        "title": profile.title,
        "overview": profile.overview,
        "category": profile.category,
        "specialities": list(profile.specialities.all()) if is_saved else [],
        "level": profile.level,
        "skills": list(profile.skills.all()) if is_saved else [],
        "hourly_rate": profile.hourly_rate,
        "language": profile.language,
        "slug": profile.slug,
    }


class ApproveForm(forms.Form):
    """That staff read this version and found nothing to change."""

    seen_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class RequestChangesForm(ApproveForm):
    """What must change, and why."""

    points = forms.MultipleChoiceField(
        label=_("Points that must change"),
        choices=ProfileReview.Point.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the points that must change.")},
    )
    note = forms.CharField(
        label=_("Reason, for the freelancer"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence what to do.")},
    )


def limits() -> dict[str, int]:
    """Return the figures that the page of the form names."""
    return {
        "overview_least": OVERVIEW_LEAST,
        "skills": rules().skills_maximum,
        "specialities": rules().specialities_maximum,
        "review_hours": rules().profile_review_hours,
    }
