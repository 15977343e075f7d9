"""Who may read and change a ladder version. The table is the policy.

The office is written as a word: it is granted in people, an app above this one.
"""

from __future__ import annotations

from django.db.models import Q

from apps.core.access import ANYONE, NONE, SYSTEM, Gate, Relation, role, row
from apps.ladders.states import MOVES, READABLE, VersionState

PROCESS = role("process_admin")
BY_HR = "Ladders are imported and published by HR."

version_gate = Gate("ladders.LadderVersion", {
    "read_version":    row(ANYONE, SYSTEM, during=READABLE, refusal="Ladders are for people who work here."),
    "read_draft":      row(PROCESS, SYSTEM, during={VersionState.DRAFT}, refusal="Drafts are read by HR."),
    "import_ladder":   row(PROCESS, SYSTEM, refusal=BY_HR),
    "publish_version": row(PROCESS, SYSTEM, during=MOVES["publish_version"].sources, refusal=BY_HR),
    "discard_draft":   row(PROCESS, SYSTEM, during={VersionState.DRAFT}, refusal=BY_HR),
})  # fmt: skip
READS = ("read_version", "read_draft")

OWNER = Relation(
    "who put it here",
    lambda v, obj: v.person_id is not None and obj.person_id == v.person_id,
    lambda v: Q(person_id=v.person_id) if v.person_id is not None else NONE,
)
staged_gate = Gate("ladders.StagedFile", {
    "read_staged": row(OWNER, when=[PROCESS], refusal="This file was put here by somebody else."),
})  # fmt: skip
