"""The production door: it refuses to open on settings that would expose people (apps/core/checks.py)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from apps.core.checks import refuse_unsafe_start  # noqa: E402  needs the apps loaded

refuse_unsafe_start()
