"""What a clock asks of people."""

from celery import shared_task
from django.utils import timezone

from apps.people import actions


@shared_task(name="people.close_accounts")
def close_accounts(**_newer: object) -> None:
    """May run at any time, twice or late: the sign-in looks at the day itself."""
    actions.close_accounts(now=timezone.now())
