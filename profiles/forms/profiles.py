"""The form of a profile, and staff's answer to it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.actor import Actor
from core.clock import now
from core.errors import DomainError
from core.forms import DateInput, MoneyField
from core.product import rules
from core.text import one_line
from files.forms import FilesField, FilesForm, ImageField, ProofField
from files.queries import files_of
from messaging.guard import LeadsAway
from profiles.actions import AddressTaken, CertificationTexts, EntryTexts, PortfolioTexts, ProfileTexts
from profiles.actions.profiles import LEAST_RATE, MOST_RATE, PHOTO
from profiles.links import VideoNotPossible, check_video
from profiles.models import Certification, Entry, Level, PortfolioItem, Profile, Section
from profiles.queries.profiles import CERTIFICATE, OVERVIEW_LEAST, PORTFOLIO, own_work
from taxonomy.forms import CategoryField, SkillsField, SpecialitiesField
from taxonomy.models import Category
from taxonomy.queries import category_of


class MonthField(forms.DateField):
    """Reads a month and cleans to its first day."""

    default_error_messages: ClassVar = {"invalid": _("Write the month as 2024-03.")}

    def __init__(self, *, empty: Any = "", **kwargs: Any) -> None:
        """Take `empty`, what an empty field means."""
        kwargs["help_text"] = (
            format_lazy("{} {}", _("Month, such as 2024-03."), empty) if empty else _("Month, such as 2024-03.")
        )
        widget = forms.DateInput(format="%Y-%m", attrs={"placeholder": "2024-03", "inputmode": "numeric"})
        super().__init__(input_formats=["%Y-%m", "%m/%Y", "%Y-%m-%d"], widget=widget, **kwargs)

    def to_python(self, value: Any) -> date | None:
        """Return the first of the month. Raises ValidationError for what is no month, too old or too far away."""
        day = super().to_python(value)
        if day is None:
            return None
        if not 1920 <= day.year <= now().year + 10:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day.replace(day=1)


class ProfileForm(FilesForm):
    """Everything on a profile. Nothing is required to save a draft; what is missing is asked for when submitting."""

    use_required_attribute = False
    #: What a profile needs before staff read it; a draft may leave it empty.
    NEEDED = ("title", "overview", "category", "level", "skills", "hourly_rate")

    photo = ImageField(kind=PHOTO, required=False, help_text=_("JPEG, PNG, GIF or WebP. A square of it is shown."))
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
    video = forms.URLField(
        label=_("Introduction video"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("A link to YouTube, Vimeo or Dailymotion."),
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
    availability = forms.ChoiceField(
        label=_("Availability"), required=False, choices=Profile.Availability.choices, widget=forms.RadioSelect
    )
    away_until = forms.DateField(
        label=_("Not available until"),
        required=False,
        widget=DateInput,
        help_text=_("Only if you are not available for now."),
    )
    visibility = forms.ChoiceField(
        label=_("Who sees your profile"),
        choices=Profile.Visibility.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "Staff see it in any case. You may send proposals whatever you choose; "
            "if nobody sees it, clients read the proposal alone."
        ),
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
        if profile.is_agency:
            self._speak_of_an_agency()

    def _speak_of_an_agency(self) -> None:
        """Ask only what an agency has, in its words: level and availability are those of its people."""
        for name in ("level", "availability", "away_until"):
            del self.fields[name]
        self.fields["photo"].label = _("Logo")
        self.fields["hourly_rate"].label = _("Hourly rate, from")
        self.fields["hourly_rate"].help_text = _(
            "The lowest rate at which somebody of the agency works, without VAT and before our fee."
        )
        self.fields["title"].help_text = _(
            "What the agency does, in the words a client would search for. 100 characters at most."
        )

    def clean_title(self) -> str:
        """Return the title on one line."""
        return one_line(self.cleaned_data["title"])

    def clean_overview(self) -> str:
        """Return the overview, its line ends as one sign each."""
        return str(self.cleaned_data["overview"]).replace("\r\n", "\n").strip()

    def clean_video(self) -> str:
        """Return the link. Raises ValidationError for one to another host."""
        return _video(self.cleaned_data["video"])

    def clean_slug(self) -> str:
        """Return the address in lower case."""
        return str(self.cleaned_data["slug"]).lower()

    def show_needed(self) -> None:
        """Show what must be there in the end without "(optional)", once what was typed has been checked."""
        self.is_valid()
        for name in self.NEEDED:
            if name in self.fields:
                self.fields[name].required = True

    def texts(self) -> ProfileTexts:
        """Return what the verb takes; specialities of another category than the chosen one are left out."""
        data = self.cleaned_data
        category: Category | None = data["category"]
        return ProfileTexts(
            title=data["title"],
            overview=data["overview"],
            video=data["video"],
            language=data["language"],
            category_id=category.pk if category else None,
            speciality_ids=[each.pk for each in data["specialities"] if category and each.category_id == category.pk],
            skill_ids=[each.pk for each in data["skills"]],
            level=data.get("level", ""),
            hourly_rate=data["hourly_rate"],
            visibility=data["visibility"] or Profile.Visibility.PUBLIC,
            availability=data.get("availability", ""),
            away_until=data.get("away_until"),
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
        "video": profile.video,
        "category": profile.category,
        "specialities": list(profile.specialities.all()) if is_saved else [],
        "level": profile.level,
        "skills": list(profile.skills.all()) if is_saved else [],
        "hourly_rate": profile.hourly_rate,
        "visibility": profile.visibility,
        "availability": profile.availability,
        "away_until": profile.away_until,
        "language": profile.language,
        "slug": profile.slug,
    }


class EntryForm(forms.Form):
    """A job held, a training or another experience."""

    WORDS: ClassVar = {
        Section.EMPLOYMENT: (_("Role"), _("Company")),
        Section.EDUCATION: (_("Degree or course"), _("School")),
        Section.EXPERIENCE: (_("Subject"), _("Organisation")),
    }

    heading = forms.CharField(max_length=120)
    organisation = forms.CharField(max_length=120, required=False)
    started_on = MonthField(label=_("From"), required=False)
    ended_on = MonthField(label=_("Until"), required=False, empty=_("Leave it empty if it goes on."))
    text = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, section: Section, item: Entry | None, by: Actor, **kwargs: Any) -> None:
        """Take the section and, to change it, the entry."""
        kwargs["initial"] = model_to_dict(item) if item else {}
        super().__init__(*args, **kwargs)
        self.section = section
        self.fields["heading"].label, self.fields["organisation"].label = self.WORDS[section]

    def clean_heading(self) -> str:
        """Return the heading on one line."""
        return one_line(self.cleaned_data["heading"])

    def clean_organisation(self) -> str:
        """Return the organisation on one line."""
        return one_line(self.cleaned_data["organisation"])

    def clean_text(self) -> str:
        """Return the description, its line ends as one sign each."""
        return _lines(self.cleaned_data["text"])

    def texts(self) -> EntryTexts:
        """Return what the verb takes."""
        return EntryTexts(section=self.section, **self.cleaned_data)


class LanguageForm(forms.Form):
    """A spoken language and how well."""

    language = forms.ChoiceField(label=_("Spoken language"))
    fluency = forms.ChoiceField(label=_("How well"), choices=Entry.Fluency.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, section: Section, item: Entry | None, by: Actor, **kwargs: Any) -> None:
        """Take the entry to change; languages stand in the order of the reader's alphabet."""
        kwargs["initial"] = model_to_dict(item) if item else {}
        super().__init__(*args, **kwargs)
        self.section = section
        names = sorted(((code, str(name)) for code, name in Entry.Language.choices), key=lambda pair: pair[1])
        self.fields["language"].choices = [("", "—"), *names]  # type: ignore[attr-defined]

    def texts(self) -> EntryTexts:
        """Return what the verb takes."""
        return EntryTexts(section=self.section, **self.cleaned_data)


class PortfolioForm(FilesForm):
    """A piece of work."""

    heading = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    uploads = FilesField(kind=PORTFOLIO, required=False, label=_("Pictures and files"))
    video = forms.URLField(
        label=_("Link to a video"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("On YouTube, Vimeo or Dailymotion."),
    )
    skills = SkillsField(required=False)
    work = forms.TypedChoiceField(
        label=_("Done here, on this contract"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("The work then says that it was done here."),
    )

    def __init__(self, *args: Any, section: Section, item: PortfolioItem | None, **kwargs: Any) -> None:
        """Take the piece of work to change."""
        initial = (
            {
                "heading": item.heading,
                "text": item.text,
                "video": item.video,
                "skills": list(item.skills.all()),
                "uploads": files_of(PORTFOLIO, item.pk),
                "work": item.work_id,
            }
            if item
            else {}
        )
        super().__init__(*args, initial=initial, **kwargs)
        self.section = section
        self.fields["uploads"].maximum = rules().portfolio_files_maximum  # type: ignore[attr-defined]
        contracts = [(work.pk, work.title) for work in own_work(self.by.party_id)]
        if contracts:
            self.fields["work"].choices = [("", "—"), *contracts]  # type: ignore[attr-defined]
        else:
            del self.fields["work"]

    def clean_heading(self) -> str:
        """Return the title on one line."""
        return one_line(self.cleaned_data["heading"])

    def clean_text(self) -> str:
        """Return the description, its line ends as one sign each."""
        return _lines(self.cleaned_data["text"])

    def clean_video(self) -> str:
        """Return the link. Raises ValidationError for one to another host."""
        return _video(self.cleaned_data["video"])

    def texts(self) -> PortfolioTexts:
        """Return what the verb takes."""
        data = self.cleaned_data
        return PortfolioTexts(
            heading=data["heading"],
            text=data["text"],
            video=data["video"],
            skill_ids=[each.pk for each in data["skills"]],
            file_ids=[each.pk for each in data["uploads"]],
            work_id=data.get("work"),
        )


class CertificationForm(FilesForm):
    """A certificate with its proof."""

    heading = forms.CharField(label=_("Certificate"), max_length=120)
    organisation = forms.CharField(label=_("Issued by"), max_length=120)
    issued_on = MonthField(label=_("Issued"))
    expires_on = MonthField(label=_("Valid until"), required=False, empty=_("Leave it empty if it does not expire."))
    proof = ProofField(kind=CERTIFICATE, label=_("The certificate itself"))

    def __init__(self, *args: Any, section: Section, item: Certification | None, **kwargs: Any) -> None:
        """Take the certificate to change."""
        initial = {**model_to_dict(item), "proof": files_of(CERTIFICATE, item.pk)} if item else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.section = section
        self.fields["proof"].help_text = format_lazy(
            "{} {}",
            self.fields["proof"].help_text,
            _("Only you and staff can open it. What you change is checked anew."),
        )

    def clean_heading(self) -> str:
        """Return the name on one line."""
        return one_line(self.cleaned_data["heading"])

    def clean_organisation(self) -> str:
        """Return the issuer on one line."""
        return one_line(self.cleaned_data["organisation"])

    def texts(self) -> CertificationTexts:
        """Return what the verb takes."""
        data = self.cleaned_data
        return CertificationTexts(
            heading=data["heading"],
            organisation=data["organisation"],
            issued_on=data["issued_on"],
            expires_on=data["expires_on"],
            proof_id=data["proof"][0].pk if data["proof"] else None,
        )


ItemForm = EntryForm | LanguageForm | PortfolioForm | CertificationForm
#: The form of each section.
ITEM_FORMS: dict[Section, type[EntryForm | LanguageForm | PortfolioForm | CertificationForm]] = {
    Section.PORTFOLIO: PortfolioForm,
    Section.EMPLOYMENT: EntryForm,
    Section.EDUCATION: EntryForm,
    Section.CERTIFICATES: CertificationForm,
    Section.EXPERIENCE: EntryForm,
    Section.LANGUAGES: LanguageForm,
}


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _video(link: str) -> str:
    try:
        check_video(link)
    except VideoNotPossible as error:
        raise ValidationError(error.message, code="invalid") from error
    return link


def limits() -> dict[str, int]:
    """Return the figures that the page of the form names."""
    return {
        "overview_least": OVERVIEW_LEAST,
        "skills": rules().skills_maximum,
        "specialities": rules().specialities_maximum,
        "review_hours": rules().profile_review_hours,
        "available_days": rules().available_now_days,
    }
