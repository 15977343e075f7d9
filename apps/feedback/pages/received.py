"""What was said about a person, for those who may read it by who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404

from apps.core.access import Viewer
from apps.core.rows import Rows
from apps.feedback.access import READS_BATCH, READS_SCORES, READS_WITH_NAME, answer_gate
from apps.feedback.models import Answer
from apps.feedback.pages.kinds import Kind, Readable, Reader, perspectives_of
from apps.feedback.states import PerspectiveKind
from apps.ladders.models import Level
from apps.people.models import Person
from apps.reviews.access import manager_of, participant_gate
from apps.reviews.models import CyclePhase, Participant, ScalePoint
from apps.reviews.states import Phase

WHO_READS = ("read_packet", "read_packet_above")


@dataclass(frozen=True)
class ReceivedFeedback:
    """`level` and `mixins` are what the person is compared with; `mixins` are keys of roles."""

    participant: Participant
    person: Person
    about_me: bool
    released_on: date | None
    points: list[ScalePoint]
    kinds: list[Kind]
    mixins: list[int]

    @property
    def level(self) -> Level | None:
        return self.participant.level


def received_feedback(viewer: Viewer, *, participant_id: int) -> ReceivedFeedback:
    """At most 8 queries: the viewer's line above, the participant, its perspectives, the scale, the
    answers with a name, those in a batch, those as figures, and the parts of all."""
    delivery = CyclePhase.objects.filter(cycle=OuterRef("cycle_id"), kind=Phase.DELIVERY)
    readable = participant_gate.visible(viewer, Participant.objects.all(), *WHO_READS)
    participant = get_object_or_404(
        readable.select_related("person", "cycle", "level").annotate(
            released_on=Subquery(delivery.order_by().values("opens_on")[:1]),
            mixin_ids=Rows(
                Participant.mixins.through.objects.filter(participant=OuterRef("pk")), "mixin_id"
            ),
        ),
        pk=participant_id,
    )
    about_me = participant.person_id == viewer.person_id
    reads_upward = about_me or manager_of().holds(viewer, participant)
    points = list(ScalePoint.objects.filter(scale=participant.cycle.scale_id))
    labels = {p.value: p.label for p in points}
    reader = Reader(viewer, participant, labels, may_report=viewer.may_write)
    return ReceivedFeedback(
        participant,
        participant.person,
        about_me,
        participant.released_on,  # type: ignore[attr-defined]  # annotated
        points,
        reader.kinds(
            [
                perspective
                for perspective in perspectives_of(participant, viewer)
                if reads_upward or perspective.kind == PerspectiveKind.PEER
            ],
            _readable(viewer, participant),
            without_names=False,
        ),
        participant.mixin_ids or [],  # type: ignore[attr-defined]  # annotated
    )


def _readable(viewer: Viewer, participant: Participant) -> Readable:
    answers = Answer.objects.filter(participant=participant)
    named = answer_gate.visible(viewer, answers, *READS_WITH_NAME)
    batch = answer_gate.visible(viewer, answers, *READS_BATCH)
    scores = answer_gate.visible(viewer, answers, *READS_SCORES)
    return Readable(
        {
            pk: (perspective, name)
            for pk, perspective, name in named.values_list("pk", "perspective_id", "author__name")
        },
        dict(batch.values_list("pk", "perspective_id")),
        dict(scores.values_list("pk", "perspective_id")),
    )
