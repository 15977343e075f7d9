"""Who sees what was mailed, and who may hold it back or send it again."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from apps.core.access import Gate, Relation, Viewer, both, either, person_in, role, row
from apps.inbox.states import MESSAGE_MOVES, UNSPOKEN
from apps.people.states import Office

PROCESS = role(Office.PROCESS_ADMIN.value)


def _about_more_than_feedback() -> Relation:
    """Something of which the log may speak stands in the mail as well, or nothing at all."""

    def holds(_: Viewer, message: Any) -> bool:
        kinds = set(message.lines.values_list("duty_kind", flat=True))
        return not kinds or not kinds <= UNSPOKEN

    def q(_: Viewer) -> Q:
        from apps.inbox.models import MessageLine

        lines = MessageLine.objects.filter(message=OuterRef("pk"))
        unspoken = Q(duty_kind__in=sorted(UNSPOKEN))
        return Q(~Exists(lines.filter(unspoken)) | Exists(lines.exclude(unspoken)))

    return Relation("about more than feedback", holds, q)


# PRIVACY: the log shows that a mail went to somebody, not what of: that a named person was reminded
# of feedback would say that they had not answered. So would a mail that is about nothing else, to
# whoever knows that nothing else is asked of them; HR does not see that there was one. Nor does it
# see a mail that tells somebody of a decision about a text: it would say who wrote the text.
SAYS_NOTHING = _about_more_than_feedback()
OWN = person_in("person")
message_gate = Gate("inbox.Message", {
    "read_message":   row(either(OWN, both(PROCESS, SAYS_NOTHING)), refusal="The log of mails is for HR."),
    "hold_message":   row(PROCESS, during=MESSAGE_MOVES["hold_message"].sources, refusal="HR holds mails back."),
    "remind_now":     row(PROCESS, refusal="HR reminds people."),
    "resend_message": row(PROCESS, during=MESSAGE_MOVES["resend_message"].sources, refusal="HR sends mails again."),
})  # fmt: skip
