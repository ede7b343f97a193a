"""The outside world of profiles: the mail that asks a client from outside for their words."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from core.product import rules
from profiles.links import answer_token
from profiles.models import Testimonial


def testimonial_mail(testimonial: Testimonial) -> EmailMultiAlternatives:
    """Return the mail in the language that the freelancer chose, with the signed link."""
    with translation.override(testimonial.language):
        freelancer = testimonial.profile.party.public_name
        subject = _("%(freelancer)s asks you for a few words about your work together") % {"freelancer": freelancer}
        link = reverse("profiles:testimonial_write", kwargs={"token": answer_token(testimonial.pk)})
        context = {
            "testimonial": testimonial,
            "freelancer": freelancer,
            "subject": subject,
            "link": settings.BASE_URL.rstrip("/") + link,
            "base_url": settings.BASE_URL,
            "language": testimonial.language,
            "brand_name": rules().brand_name,
        }
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string("profiles/mail/testimonial.txt", context),
            to=[testimonial.email],
            headers={"Message-ID": f"<testimonial-{testimonial.pk}@{settings.HOST or 'localhost'}>"},
        )
        mail.attach_alternative(render_to_string("profiles/mail/testimonial.html", context), "text/html")
    return mail
