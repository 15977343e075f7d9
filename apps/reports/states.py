"""Vocabulary of reports and of the files that are made as jobs."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class FileForm(TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("XLSX")


class Grouping(TextChoices):
    """What one line of the completion report is about."""

    DEPARTMENT = "department", _("Department")
    MANAGER = "manager", _("Manager")


class Ratings(TextChoices):
    """Which rating the distribution counts."""

    NOW = "now", _("As they stand now")
    GIVEN = "given", _("As managers gave them")


class ExportKind(TextChoices):
    PACKETS = "packets", _("Packets")
    BUNDLE = "bundle", _("Everything about you")


class ExportState(TextChoices):
    PLANNED = "planned", _("Waiting")
    BUILDING = "building", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Not made")


E = ExportState
EXPORT_MOVES = {
    # A job that died is taken up again, so building can follow building.
    "start_export": Move(frozenset({E.PLANNED, E.BUILDING}), E.BUILDING),
    "finish_export": Move(frozenset({E.BUILDING}), E.READY),
    "fail_export": Move(frozenset({E.PLANNED, E.BUILDING}), E.FAILED),
}
WAITING = (E.PLANNED, E.BUILDING)
MOST_ATTEMPTS = 3
