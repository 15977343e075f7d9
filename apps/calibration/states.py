"""The life of a calibration session, and the reasons a committee may give."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.workflow import Move


class SessionState(TextChoices):
    PREPARING = "preparing", _("Being prepared")
    LIVE = "live", _("In session")
    LOCKED = "locked", _("Locked")


SESSION_MOVES = {
    "open_session": Move(frozenset({SessionState.PREPARING}), SessionState.LIVE),
    "lock_session": Move(frozenset({SessionState.LIVE}), SessionState.LOCKED),
}


class ReasonCode(TextChoices):
    KEPT = "kept", _("Kept as the manager gave it")
    EVIDENCE = "evidence", _("Other evidence was brought")
    STANDARD = "standard", _("Measured against the level's statements")
    SCOPE = "scope", _("The work was of another level's scope")
    PERIOD = "period", _("The work lies outside the period")
    CONSISTENCY = "consistency", _("In line with comparable decisions")
