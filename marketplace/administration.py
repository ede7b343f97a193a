"""Which site Django's admin is, on this project."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    """Django's admin with the house's own site, which every `admin` module registers its pages with."""

    default_site = "marketplace.site.Administration"
