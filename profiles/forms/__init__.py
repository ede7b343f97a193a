"""Forms of a profile, of what staff answer to it, and of the search of talent."""

from profiles.forms.profiles import ITEM_FORMS, ApproveForm, ItemForm, ProfileForm, RequestChangesForm, limits
from profiles.forms.talent import TalentForm

__all__ = ["ITEM_FORMS", "ApproveForm", "ItemForm", "ProfileForm", "RequestChangesForm", "TalentForm", "limits"]
