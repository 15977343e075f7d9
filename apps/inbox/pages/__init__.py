"""Every read of the inbox: the duties, and the pages that show them and the mails about them."""

from apps.inbox.duties import Duty, duties_of, duties_of_everyone, duty_count
from apps.inbox.pages.home import home
from apps.inbox.pages.mail_log import mail_log, message

__all__ = [
    "Duty",
    "duties_of",
    "duties_of_everyone",
    "duty_count",
    "home",
    "mail_log",
    "message",
]
