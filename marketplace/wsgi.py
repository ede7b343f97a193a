"""Pages without sockets, for installations that serve `/ws/` from a second process (see the operator's guide)."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ.setdefault("DATABASE_POOL_SIZE", "8")  # as in asgi: threads share connections

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
