"""What a clock asks of people."""

from celery import shared_task
from django.utils import timezone

from apps.people import actions


@shared_task(name="people.close_accounts")
def close_accounts(**_newer: object) -> None:
    """May run at any time, twice or late: the sign-in looks at the day itself."""
    actions.close_accounts(now=timezone.now())


@shared_task(name="people.forget_sign_ins")
def forget_sign_ins(**_newer: object) -> None:
    """What an ended sign-in leaves behind, an address and a browser among it, goes within the hour."""
    actions.forget_sign_ins(now=timezone.now())
