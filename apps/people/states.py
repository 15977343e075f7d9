"""Vocabulary of people: the offices of HR and what a token may do."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Office(TextChoices):
    """Two different offices, on purpose: running a cycle is not reading it."""

    PROCESS_ADMIN = "process_admin", _("HR process admin: runs cycles, reads no content")
    CONTENT_ADMIN = "content_admin", _("HR content admin: reads content, not of their own line")


class Scope(TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Read and write")
