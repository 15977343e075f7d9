"""Every read of the inbox: the duties, and the pages that show them and the mails about them."""

from apps.inbox.duties import Badge, Duty, badge, duties_of, duties_of_everyone
from apps.inbox.pages.home import home
from apps.inbox.pages.mail_log import cycle_to_remind, mail_log, message
from apps.inbox.pages.rehearsal import rehearsal, rehearsed_mails, rehearsed_person

__all__ = [
    "Badge",
    "Duty",
    "badge",
    "cycle_to_remind",
    "duties_of",
    "duties_of_everyone",
    "home",
    "mail_log",
    "message",
    "rehearsal",
    "rehearsed_mails",
    "rehearsed_person",
]
