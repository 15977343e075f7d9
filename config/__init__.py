"""How the house is wired: settings, addresses, workers. Nothing about reviews is decided here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
