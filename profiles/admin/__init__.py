"""The queues of profiles, certificates and testimonials, each decided on one screen; each action is a product verb."""

from profiles.admin.decisions import CertificationAdmin, TestimonialAdmin
from profiles.admin.profiles import ProfileAdmin

__all__ = ["CertificationAdmin", "ProfileAdmin", "TestimonialAdmin"]
