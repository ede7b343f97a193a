"""Who is acting: a frozen set of ids that edges build and verbs check."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, party and rights behind one call of a verb.

    `user_id` is None for nobody and for the system. `party_id` and `role` are the party the user acts for
    and the role they hold in it. `groups` names the staff groups of the user (`support`, `moderator`,
    `mediator`, `finance`, `administrator`); it is empty for everyone else. `pay_limit` is what a hiring manager may
    fund and approve in one contract, in minor units. `sees_sums` is false for people to whom their party does not show
    what it earns: pages then write a sign in place of each sum of its work.
    """

    user_id: int | None = None
    party_id: int | None = None
    party_kind: str = ""
    role: str = ""
    groups: frozenset[str] = field(default_factory=frozenset)
    impersonator_id: int | None = None
    is_system: bool = False
    pay_limit: int = 0
    sees_sums: bool = True

    @classmethod
    def system(cls) -> Actor:
        """Return the actor of clocks, workers and webhooks."""
        return cls(is_system=True)

    @classmethod
    def anonymous(cls) -> Actor:
        """Return the actor of a visitor who has not signed in."""
        return cls()

    @property
    def person_id(self) -> int:
        """Return the id of the user who acts, for verbs that only a person can do.

        Raises RuntimeError for nobody and for the system: the verb's predicate should have refused them.
        """
        if self.user_id is None:
            raise RuntimeError("no person acts here")
        return self.user_id

    @property
    def is_staff(self) -> bool:
        """Test whether the actor holds any staff right."""
        return bool(self.groups)

    def acts_for(self, party_id: int | None, *roles: str) -> bool:
        """Test whether the actor acts for this party, in one of `roles` when any is given."""
        return (
            party_id is not None
            and self.party_id == party_id
            and self.impersonator_id is None
            and (not roles or self.role in roles)
        )

    def in_group(self, *groups: str) -> bool:
        """Test whether the actor is staff of one of `groups`; administrators may do what any group may."""
        return self.impersonator_id is None and not self.groups.isdisjoint({*groups, "administrator"})
