"""The people of the demonstration world that a visitor may sign in as, one per role; `manage.py seed` makes them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: Of every demonstration account; they exist in the embedded set-up only.
PASSWORD = "milestone-by-milestone"  # noqa: S105  (printed at each start)


@dataclass(frozen=True, slots=True)
class Login:
    """One account of the demonstration world."""

    role: str
    first_name: str
    last_name: str

    @property
    def email(self) -> str:
        """Return the address to sign in with; it is plain ASCII, for nothing else passes as an address."""
        plain = unicodedata.normalize("NFKD", self.first_name).encode("ascii", "ignore").decode()
        return f"{plain.lower()}@jalon.example"


CLIENT = Login("client", "Alice", "Martin")
FREELANCER = Login("freelancer", "Bob", "Keller")
MODERATOR = Login("moderator", "Marc", "Olsen")
MEDIATOR = Login("mediator", "Dora", "Lindqvist")
FINANCE = Login("finance", "Fanny", "Roche")
SUPPORT = Login("support", "Samir", "Haddad")
ADMINISTRATOR = Login("administrator", "Ada", "Novak")
#: Colleagues of the client.
HIRING_MANAGER = Login("hiring manager", "Victor", "Lemaire")
CLIENT_FINANCE = Login("client finance", "Farah", "Benali")
CLIENT_MEMBER = Login("client member", "Maud", "Olivier")
LOGINS = (
    *(CLIENT, FREELANCER, MODERATOR, MEDIATOR, FINANCE, SUPPORT, ADMINISTRATOR),
    *(HIRING_MANAGER, CLIENT_FINANCE, CLIENT_MEMBER),
)


def card() -> str:
    """Return the logins as the terminal shows them."""
    rows = [f"  {login.role:<14} {login.email}" for login in LOGINS]
    return "\n".join([f"Sign in with the password {PASSWORD!r} as", *rows])
