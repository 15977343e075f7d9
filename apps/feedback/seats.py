"""What a calibration session reads about one of its people: no name, and figures alone of the team.

PRIVACY: whoever calls this has asked their own gate whether the viewer has a seat about this person;
the answers' gate then says which of them a seat reads.
"""

from __future__ import annotations

from apps.core.access import Viewer
from apps.feedback.access import READS_FROM_SEAT, READS_SCORES_FROM_SEAT, SEAT_ROLE, answer_gate
from apps.feedback.models import Answer
from apps.feedback.pages.kinds import Kind, Readable, Reader, perspectives_of
from apps.reviews.models import Participant

__all__ = ["Kind", "feedback_from_a_seat"]


def feedback_from_a_seat(
    viewer: Viewer, participant: Participant, *, labels: dict[int, str]
) -> list[Kind]:
    """Each kind of feedback of the cycle as a batch. 4 queries.

    Arguments: `labels` the points of the cycle's scale with their names. Anonymous and confidential
    answers need enough voices; named ones, whose names others know, are shown without them.
    """
    seated = viewer.lent(SEAT_ROLE)
    answers = Answer.objects.filter(participant=participant)
    batch = answer_gate.visible(seated, answers, *READS_FROM_SEAT)
    scores = answer_gate.visible(seated, answers, *READS_SCORES_FROM_SEAT)
    readable = Readable(
        {},
        dict(batch.values_list("pk", "perspective_id")),
        dict(scores.values_list("pk", "perspective_id")),
    )
    reader = Reader(viewer, participant, labels)
    return reader.kinds(perspectives_of(participant, viewer), readable, without_names=True)
