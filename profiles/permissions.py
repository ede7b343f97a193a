"""Who may see, write and judge a profile."""

from __future__ import annotations

from accounts.models import Membership, Party
from accounts.permissions import WORKING_KINDS, can_hire, has_belonged, is_moderator
from core.actor import Actor
from profiles.models import Profile

OWNERS = (Membership.Role.OWNER, Membership.Role.ADMIN)


def can_have_profile(by: Actor) -> bool:
    """Test whether the actor acts for a freelancer or an agency whose page they may write."""
    return by.party_kind in WORKING_KINDS and by.acts_for(by.party_id, *OWNERS)


def can_edit_profile(by: Actor, profile: Profile) -> bool:
    """Test whether the actor may write this profile and submit it."""
    return can_have_profile(by) and by.acts_for(profile.party_id)


def can_see_profile(by: Actor, profile: Profile) -> bool:
    """Test whether the actor may read this profile: its party and moderators do, others as an approved one allows."""
    if by.acts_for(profile.party_id) or is_moderator(by):
        return True
    if profile.status != Profile.Status.APPROVED or profile.visibility == Profile.Visibility.PRIVATE:
        return False
    return profile.visibility == Profile.Visibility.PUBLIC or by.user_id is not None


def can_review_profile(by: Actor, profile: Profile) -> bool:
    """Test whether the actor may approve this profile or ask for changes: moderators who never were of its party."""
    return is_moderator(by) and not has_belonged(by, profile.party_id)


def can_keep_talent(by: Actor) -> bool:
    """Test whether the actor may put freelancers on the lists of the client they act for."""
    return can_hire(by, by.party_id)


def can_read_talent_lists(by: Actor) -> bool:
    """Test whether the actor may read the lists of the client they act for: all its people may."""
    return by.party_kind == Party.Kind.CLIENT and by.acts_for(by.party_id)


def can_read_proof(by: Actor, profile: Profile) -> bool:
    """Test whether the actor may read the proofs of this profile: those who write it, and moderators."""
    return can_edit_profile(by, profile) or is_moderator(by)
