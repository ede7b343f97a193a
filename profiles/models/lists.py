"""Lists on which a client keeps freelancers; only the client's own people ever see them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.models import Party, User
from core.models import LockedQuerySet
from profiles.models.profiles import Profile


class TalentList(models.Model):
    """A client's list of freelancers, shared by its people; the one without a name is where they are saved at first."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="talent_lists")
    name = models.CharField(_("name"), max_length=60, blank=True, help_text="Empty for the list called “Saved”.")
    created_at = models.DateTimeField(_("created"))

    objects: ClassVar = LockedQuerySet["TalentList"].as_manager()

    class Meta:
        verbose_name = _("talent list")
        verbose_name_plural = _("talent lists")
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "name"], name="profiles_list_name")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What the list is called, in the reader's language where nobody named it."""
        return self.name or pgettext("talent list", "Saved")


class TalentEntry(models.Model):
    """A freelancer on a list, with a note that only the client's people read; once on each list."""

    talent_list = models.ForeignKey(TalentList, on_delete=models.CASCADE, related_name="entries")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    note = models.TextField(_("note"), max_length=500, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("entry of a talent list")
        verbose_name_plural = _("entries of talent lists")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["talent_list", "profile"], name="profiles_list_entry_once")
        ]
        indexes: ClassVar = [models.Index(fields=["talent_list", "-created_at"], name="profiles_list_entry_newest")]

    def __str__(self) -> str:
        return f"{self.talent_list_id}: {self.profile_id}"
