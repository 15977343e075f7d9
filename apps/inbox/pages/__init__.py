"""Every read of the inbox: the duties, and the pages that show them and the mails about them."""

from apps.inbox.duties import Badge, Duty, badge, duties_of, duties_of_everyone
from apps.inbox.pages.home import home
from apps.inbox.pages.mail_log import mail_log, message

__all__ = [
    "Badge",
    "Duty",
    "badge",
    "duties_of",
    "duties_of_everyone",
    "home",
    "mail_log",
    "message",
]
