"""Who may read and change a person, an office and a token. The tables are the policy.

Whether somebody still works here depends on the day: PersonQuerySet.visible_to joins the rows.
"""

from __future__ import annotations

from apps.core.access import ANYONE, SYSTEM, Gate, person_in, role, row, viewer_is
from apps.people.states import Office

PROCESS, CONTENT = role(Office.PROCESS_ADMIN.value), role(Office.CONTENT_ADMIN.value)
SELF, MANAGER, SKIP = viewer_is(), person_in("manager"), person_in("manager.manager")

BY_HR = "People are entered and changed by HR."
NOT_ONESELF = "HR changes everybody's entry but their own. Ask another HR process admin."

# PRIVACY: a colleague's level is for them, the two steps above them, and HR; the rest is a phone book.
person_gate = Gate("people.Person", {
    "read_person":     row(ANYONE, refusal="The directory is for people who work here."),
    "read_former":     row(PROCESS, CONTENT, refusal="Only HR still finds people who have left."),
    "read_level":      row(SELF, MANAGER, SKIP, PROCESS, CONTENT, refusal="A level is shown to the person, to the two managers above and to HR."),
    "read_employment": row(SELF, MANAGER, PROCESS, refusal="Dates and numbers are for the person, the manager and HR."),
    "create_person":   row(PROCESS, SYSTEM, refusal=BY_HR),
    "import_people":   row(PROCESS, SYSTEM, refusal=BY_HR),
    "edit_person":     row(PROCESS, SYSTEM, never=[SELF], refusal=NOT_ONESELF),
    "change_manager":  row(PROCESS, SYSTEM, never=[SELF], refusal=NOT_ONESELF),
    "leave":           row(PROCESS, SYSTEM, never=[SELF], refusal=NOT_ONESELF),
    "return_to_work":  row(PROCESS, SYSTEM, never=[SELF], refusal=NOT_ONESELF),
    # PRIVACY: why somebody is away is a guess from its length, so only HR sees the days.
    "plan_leave":      row(PROCESS, SYSTEM, never=[SELF], refusal=NOT_ONESELF),
    "open_account":    row(PROCESS, SYSTEM, refusal=BY_HR),
    # PRIVACY: nobody hands themself an office, whatever offices they hold.
    "grant_office":    row(PROCESS, SYSTEM, never=[SELF], refusal="Offices are given by another HR process admin."),
    "revoke_office":   row(PROCESS, SYSTEM, never=[SELF], refusal="Offices are taken back by another HR process admin."),
    "choose_time_zone": row(SELF, refusal="Everybody chooses their own time zone."),
})  # fmt: skip

# What the list of today's colleagues needs, and what HR has beyond it.
READS = ("read_person",)
FORMER_READS = ("read_former",)

OWNER = person_in("person")
token_gate = Gate("people.ApiToken", {
    "read_token":   row(OWNER, refusal="This token is somebody else's."),
    "issue_token":  row(OWNER, refusal="Everybody makes their own tokens."),
    "revoke_token": row(OWNER, refusal="This token is somebody else's."),
})  # fmt: skip

staged_gate = Gate("people.StagedImport", {
    "read_staged": row(OWNER, when=[PROCESS], refusal="This file was put here by somebody else."),
})  # fmt: skip
