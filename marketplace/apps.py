"""Configuration of the top of the house."""

from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    """Makes the Celery application known, so that every process sends its tasks to the right broker."""

    name = "marketplace"
    verbose_name = "Marketplace"

    def ready(self) -> None:
        """Bind `shared_task` of every app to this project's broker."""
        from marketplace import celery  # noqa: F401  (the application needs the apps to be ready)
