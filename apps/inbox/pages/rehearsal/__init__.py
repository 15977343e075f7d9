"""What a cycle would ask and mail, before it begins: in all, for one person, and mail by mail."""

from apps.inbox.pages.rehearsal.mails import RehearsedMails, rehearsed_mails
from apps.inbox.pages.rehearsal.person import RehearsedPerson, rehearsed_person
from apps.inbox.pages.rehearsal.summary import Rehearsal, rehearsal

__all__ = [
    "Rehearsal",
    "RehearsedMails",
    "RehearsedPerson",
    "rehearsal",
    "rehearsed_mails",
    "rehearsed_person",
]
