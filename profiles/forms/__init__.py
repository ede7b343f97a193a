"""Forms of a profile, of what staff answer to it, of testimonials, and of the search of talent."""

from profiles.forms.availability import VacationForm
from profiles.forms.profiles import ITEM_FORMS, ItemForm, ProfileForm, limits
from profiles.forms.staff import ApproveForm, CertificationDecisionForm, RequestChangesForm
from profiles.forms.talent import TalentForm
from profiles.forms.testimonials import RequestForm, WordsForm

__all__ = [
    "ITEM_FORMS",
    "ApproveForm",
    "CertificationDecisionForm",
    "ItemForm",
    "ProfileForm",
    "RequestChangesForm",
    "RequestForm",
    "TalentForm",
    "VacationForm",
    "WordsForm",
    "limits",
]
