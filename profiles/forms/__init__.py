"""Forms of a profile, of what staff answer to it, and of the search of talent."""

from profiles.forms.profiles import ApproveForm, ProfileForm, RequestChangesForm, limits
from profiles.forms.talent import TalentForm

__all__ = ["ApproveForm", "ProfileForm", "RequestChangesForm", "TalentForm", "limits"]
