"""The phases of a cycle as steps, in words: for the pages of this app and of those above.

A reading room of its own because pages stay private; it decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from apps.reviews.models import Cycle
from apps.reviews.states import FINISHED, Phase


@dataclass(frozen=True)
class Step:
    """One phase as the stepper draws it."""

    label: str
    state: str
    when: str


def steps_of(found: Cycle) -> list[Step]:
    """The phases as steps; 0 queries when phases are prefetched."""
    days = {phase.kind: phase for phase in found.phases.all()}
    here = found.paused_from or found.state
    order = list(Phase.values)
    over = found.state in FINISHED
    at = order.index(here) if here in order else (len(order) if over else -1)
    steps = []
    for number, phase in enumerate(Phase):
        dated = days.get(phase.value)
        if dated is None:
            steps.append(Step(str(phase.label), "skipped", ""))
            continue
        state = "done" if number < at else "now" if number == at else "later"
        words = (
            _("until %(day)s") % {"day": formats.date_format(dated.due_on, "j M")}
            if state == "now"
            else f"{formats.date_format(dated.opens_on, 'j M')} – {formats.date_format(dated.due_on, 'j M')}"
        )
        steps.append(Step(str(phase.label), state, words))
    return steps
