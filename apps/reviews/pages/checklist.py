"""Setting a cycle up, step by step: what each step is for, how it stands, and which comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.reviews.models import Cycle
from apps.reviews.pages.preflight import GapCounts, gap_counts
from apps.reviews.rules.phases import plan_faults

# Nothing was changed, and nothing has to be: usual. Its own page says how it stands: open.
DONE, USUAL, OPEN, WARN = "done", "usual", "open", "warn"


@dataclass(frozen=True)
class SetUpStep:
    """One step: `state` is done, usual (nothing was changed, and nothing has to be), open (look at
    it there) or warn; `address` is the name of its page, which takes the cycle's key."""

    key: str
    title: str
    says: str
    state: str
    address: str
    words: str
    is_next: bool = False


@dataclass(frozen=True)
class CheckList:
    steps: list[SetUpStep]
    counts: GapCounts

    @property
    def is_ready(self) -> bool:
        """Nothing waits to be mended, so scheduling is what comes next."""
        return not any(step.is_next for step in self.steps)


def check_list(found: Cycle, *, now: datetime) -> CheckList:
    """3 queries: who takes part and what they lack, how many questions, how many weights. `found`
    has its phases, owners and departments."""
    today = timezone.localdate(now)
    on = found.counted_on(now)
    counts = gap_counts(found, on=on)
    questions, weights = found.questions.count(), found.weights.count()
    plan = _plan_step(found, today)
    steps = [
        plan,
        _people_step(counts),
        SetUpStep(
            "form", _("Form"), _form_words(found, questions),
            DONE if questions or found.sections_off else USUAL,
            "reviews:cycle_form", _("Look at the form"),
        ),
        SetUpStep(
            "weights", _("Weights"),
            ngettext("%(n)d area counts differently", "%(n)d areas count differently", weights) % {"n": weights}
            if weights else _("Every area counts the same"),
            DONE if weights else USUAL, "reviews:weigh_areas", _("Set weights"),
        ),
        SetUpStep(
            "feedback", _("Feedback"), _("Who is asked besides the manager, and what they are promised"),
            OPEN, "feedback:perspectives", _("Set up feedback"),
        ),
        _check_step(counts),
        SetUpStep(
            "rehearsal", _("Rehearsal"), _("Every task and every mail of this cycle, by day; nothing is sent"),
            OPEN, "inbox:rehearsal", _("Rehearse it"),
        ),
    ]  # fmt: skip
    first = next((step for step in steps if step.state == WARN), None)
    return CheckList(
        [replace(step, is_next=True) if step is first else step for step in steps],
        counts,
    )


def _plan_step(found: Cycle, today: date) -> SetUpStep:
    gone = [
        owner.name
        for owner in found.owners.all()
        if not owner.is_process_admin or owner.has_left(on=today)
    ]
    faults = list(plan_faults(found.plan()).by_field.values())
    opens = min((phase.opens_on for phase in found.phases.all()), default=None)
    if faults:
        state, says = WARN, str(faults[0])
    elif gone:
        state = WARN
        says = _("%(name)s owns it and cannot run cycles. Choose somebody else.") % {
            "name": gone[0]
        }
    elif opens is not None and opens < today:
        state = WARN
        says = _("The first day, %(day)s, is past. Once scheduled it would start at once.") % {
            "day": formats.date_format(opens, "j F")
        }
    else:
        state = DONE
        says = _("Begins on %(day)s, with %(count)d phases") % {
            "day": formats.date_format(opens, "j F") if opens else "–",
            "count": len(found.phases.all()),
        }
    return SetUpStep(
        "plan", _("Plan and dates"), says, state, "reviews:edit_cycle", _("Change the plan")
    )


def _people_step(counts: GapCounts) -> SetUpStep:
    if not counts.people:
        says, state = _("Nobody works in its departments yet"), WARN
    else:
        says = ngettext("%(n)d person", "%(n)d people", counts.people) % {"n": counts.people}
        state = DONE
        if counts.behind:
            behind = ngettext(
                "%(n)d stands on an older version of a ladder",
                "%(n)d stand on an older version of a ladder",
                counts.behind,
            )
            says = f"{says} · {behind % {'n': counts.behind}}"
    return SetUpStep(
        "people", _("Who takes part"), says, state, "reviews:population", _("See who takes part")
    )


def _check_step(counts: GapCounts) -> SetUpStep:
    if counts.with_gaps:
        says = ngettext(
            "Something is missing for %(n)d person",
            "Something is missing for %(n)d people",
            counts.with_gaps,
        ) % {"n": counts.with_gaps}
    else:
        says = _("Nothing is missing for anybody")
    state = WARN if counts.with_gaps else DONE if counts.people else OPEN
    return SetUpStep(
        "check", _("Check"), says, state, "reviews:preflight", _("See what is missing")
    )


def _form_words(found: Cycle, questions: int) -> str:
    words = []
    if questions:
        words.append(
            ngettext("%(n)d question of your own", "%(n)d questions of your own", questions)
            % {"n": questions}
        )
    if off := len(found.sections_off):
        words.append(ngettext("%(n)d part left out", "%(n)d parts left out", off) % {"n": off})
    return " · ".join(words) or _("All parts, no questions of your own")
