"""Configuration of the staff pages."""

from django.contrib.admin.apps import AdminConfig


class StaffPagesConfig(AdminConfig):
    """Django's admin with a site that takes nonsense in an address for what it is."""

    default_site = "marketplace.staff.StaffSite"
