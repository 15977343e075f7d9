"""Who sees what was mailed, and who may hold it back or send it again."""

from __future__ import annotations

from apps.core.access import Gate, person_in, role, row
from apps.inbox.states import MESSAGE_MOVES
from apps.people.states import Office

PROCESS = role(Office.PROCESS_ADMIN.value)

# PRIVACY: the log shows that a mail went to somebody, not what of: that a named person was reminded
# of feedback would say that they had not answered.
message_gate = Gate("inbox.Message", {
    "read_message":   row(PROCESS, person_in("person"), refusal="The log of mails is for HR."),
    "hold_message":   row(PROCESS, during=MESSAGE_MOVES["hold_message"].sources, refusal="HR holds mails back."),
    "resend_message": row(PROCESS, during=MESSAGE_MOVES["resend_message"].sources, refusal="HR sends mails again."),
})  # fmt: skip
