"""The Celery app. Messages carry ids; the database decides what is done and what was done already."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("rungs")
app.set_default()  # a current app is one thread's; gunicorn's threads must find this one too
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
