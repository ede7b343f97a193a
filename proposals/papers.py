"""What people put into their own calendars: an agreed interview as a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from accounts.models import User
from core.product import rules
from proposals.models import Interview


def interview_calendar(
    interview: Interview,
    *,
    reader: User,
    party_id: int | None,
    link: str,
    starts_at: datetime,
    minutes: int,
    version: int,
    is_cancelled: bool,
    at: datetime,
) -> bytes:
    """Return a calendar file about an interview, in the active language, for one reader of one of its sides.

    The same interview has the same UID in every file, and `version`, which grows, is its SEQUENCE: a calendar that
    takes the files in one after the other moves the meeting or takes it out. Times are in UTC. Nobody's address but
    the reader's is in it. `link` is the full address of the interview's page. Needs the conversation with job and
    parties.
    """
    conversation = interview.conversation
    other = conversation.party if party_id == conversation.job.client_id else conversation.job.client
    meeting = Event()
    meeting.add("uid", f"interview-{interview.pk}@{settings.HOST or 'localhost'}")
    meeting.add("sequence", version)
    meeting.add("dtstamp", at)
    meeting.add("dtstart", starts_at)
    meeting.add("dtend", starts_at + timedelta(minutes=minutes))
    words = {"name": other.public_name, "job": conversation.job.title}
    meeting.add("summary", _("Interview with %(name)s: %(job)s") % words)
    meeting.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    meeting.add("url", link)
    if not is_cancelled:
        is_elsewhere = interview.way == Interview.Way.LINK
        meeting.add("location", interview.link if is_elsewhere else link)
        meeting.add("description", "\n\n".join(filter(None, [interview.get_way_display(), interview.note, link])))
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    meeting.add("organizer", _person(address, name or rules().brand_name), encode=False)
    guest = _person(reader.email, reader.get_full_name())
    guest.params["PARTSTAT"], guest.params["RSVP"] = vText("ACCEPTED"), vText("FALSE")
    meeting.add("attendee", guest, encode=False)

    calendar = Calendar()
    calendar.add("prodid", f"-//{rules().brand_name}//interviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "REQUEST")
    calendar.add_component(meeting)
    content: bytes = calendar.to_ical()
    return content


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = vText(name)
    return person
