"""Who is asked about whom, and what is promised to those who answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UniqueConstraint,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least

from apps.core.access import Viewer
from apps.feedback.access import (
    PERSPECTIVE_READS,
    REQUEST_READS,
    draft_gate,
    perspective_gate,
    request_gate,
)
from apps.feedback.rules.asking import FEWEST_PEERS, SHOWN_COMPETENCIES
from apps.feedback.rules.writing import MINUTES_A_COMPETENCY, MINUTES_A_QUESTION
from apps.feedback.states import (
    COUNTED,
    OUT,
    STILL_ASKED,
    DeclineReason,
    Mode,
    PerspectiveKind,
    PerspectiveState,
    RequestState,
)
from apps.people.models import Person
from apps.reviews.models import Cycle, Goal, Participant
from apps.reviews.states import CycleState, ParticipantState


class PerspectiveQuerySet(models.QuerySet["Perspective"]):
    """Filters that compose. Named for what the rows are, never for the page that asks."""

    def visible_to(self, viewer: Viewer) -> PerspectiveQuerySet:
        return perspective_gate.visible(viewer, self, *PERSPECTIVE_READS)

    def open(self) -> PerspectiveQuerySet:
        return self.filter(state=PerspectiveState.OPEN)


class Perspective(models.Model):
    """One kind of feedback in one cycle, with its promise: the mode and the threshold."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="perspectives")
    kind = models.CharField(max_length=8, choices=PerspectiveKind)
    mode = models.CharField(max_length=14, choices=Mode)
    threshold = models.PositiveSmallIntegerField(
        default=5, help_text="Fewest voices before anything anonymous is shown."
    )
    giver_budget = models.PositiveSmallIntegerField(
        default=6, help_text="Most requests that one person is asked to answer in the cycle."
    )
    least_days = models.PositiveSmallIntegerField(
        default=60, help_text="Days on board before somebody is asked about others here."
    )
    state = models.CharField(max_length=8, choices=PerspectiveState, default=PerspectiveState.OPEN)

    objects = PerspectiveQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["cycle", "kind"], name="perspective_once_per_cycle"),
            CheckConstraint(condition=Q(mode__in=Mode.values), name="perspective_mode_is_known"),
            CheckConstraint(
                condition=Q(kind__in=PerspectiveKind.values), name="perspective_kind_is_known"
            ),
            CheckConstraint(
                condition=Q(state__in=PerspectiveState.values), name="perspective_state_is_known"
            ),
            CheckConstraint(condition=Q(threshold__gte=4), name="perspective_threshold_at_least_4"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_mode_display()}"


class Question(models.Model):
    """An open question of a perspective."""

    perspective = models.ForeignKey(Perspective, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=300, help_text="{name} stands for the person.")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(fields=["perspective", "position"], name="question_position_once")
        ]

    def __str__(self) -> str:
        return self.text


class RequestQuerySet(models.QuerySet["Request"]):
    """Filters that compose. PRIVACY: none of them tells who answered an anonymous request but
    `asked_in_collection`, which is for the giver's own list and the giver's own reminders."""

    def visible_to(self, viewer: Viewer) -> RequestQuerySet:
        """What this viewer may see; the state only through rules.shown_state."""
        return request_gate.visible(viewer, self, *REQUEST_READS)

    def asked(self) -> RequestQuerySet:
        """Those that went out, whatever became of them."""
        return self.filter(state__in=OUT)

    def of_peers(self) -> RequestQuerySet:
        return self.filter(perspective__kind=PerspectiveKind.PEER)

    def asked_in_collection(self) -> RequestQuerySet:
        """Those whose giver is to answer now."""
        return self.filter(
            state=RequestState.ASKED,
            perspective__state=PerspectiveState.OPEN,
            participant__state=ParticipantState.ACTIVE,
            participant__cycle__state=CycleState.COLLECTION,
        )

    def counted(self) -> RequestQuerySet:
        """Those that count as asked of their giver. PRIVACY: whatever came of them."""
        return self.filter(state__in=COUNTED)

    def to_approve(self) -> RequestQuerySet:
        """Proposals that wait for the manager: while peers are chosen, and after that those whose
        giver is asked by so many that only a person says yes."""
        return self.of_peers().filter(
            state=RequestState.PROPOSED,
            perspective__state=PerspectiveState.OPEN,
            participant__state=ParticipantState.ACTIVE,
            participant__cycle__state__in=[CycleState.NOMINATION, CycleState.COLLECTION],
        )

    def with_people(self) -> RequestQuerySet:
        return self.select_related(
            "perspective", "giver", "participant__person", "participant__cycle"
        )


def on_board(path: str = "", *, on: date, least_days: int) -> Q:
    """Employed, and for long enough to be asked about others; an unknown first day is long ago.

    `path` leads to the person, as "person__reports__". With rules.has_been_here, in SQL.
    """
    since = on - timedelta(days=least_days)
    here = Q(**{f"{path}left_on": None}) | Q(**{f"{path}left_on__gt": on})
    return here & (Q(**{f"{path}hired_on": None}) | Q(**{f"{path}hired_on__lte": since}))


def with_load(people: models.QuerySet[Person], perspective: Perspective) -> models.QuerySet[Person]:
    """Adds `load`: how often each is asked in this perspective already, whatever came of it."""
    asked = Request.objects.counted().filter(perspective=perspective, giver=OuterRef("pk"))
    count = asked.order_by().values("giver").annotate(n=Count("pk")).values("n")
    return people.annotate(load=Coalesce(Subquery(count), 0))


def participants_to_propose() -> models.QuerySet[Participant]:
    """Participants who are to propose peers now and have not; `person` is who is asked."""
    peers = Perspective.objects.open().filter(cycle=OuterRef("cycle_id"), kind=PerspectiveKind.PEER)
    return Participant.objects.filter(
        Exists(peers),
        ~Exists(Request.objects.of_peers().filter(participant=OuterRef("pk"))),
        cycle__state=CycleState.NOMINATION,
        state=ParticipantState.ACTIVE,
    )


def minutes_to_give() -> Combinable:
    """How long a request takes, as a column of its row: rules.minutes_for of what its form asks.

    What a level asks was counted at launch, goals with it, and the form asks about no goal.
    """
    questions = _counted(Question.objects.filter(perspective=OuterRef("perspective")))
    goals = _counted(Goal.objects.filter(participant=OuterRef("participant")))
    competencies = Greatest(F("participant__item_count") - goals, Value(0))
    asked = Least(competencies, Value(SHOWN_COMPETENCIES))
    return questions * Value(MINUTES_A_QUESTION) + asked * Value(MINUTES_A_COMPETENCY)


def _counted(rows: QuerySet[Any]) -> Coalesce:
    one_row = rows.order_by().annotate(one=Value(1)).values("one")
    number = one_row.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(number, output_field=IntegerField()), Value(0))


def participants_to_decide_on() -> models.QuerySet[Participant]:
    """Participants about whom a proposal waits for whoever decides: while peers are chosen, and in
    collection those whose giver is asked by so many that only a person says yes."""
    waiting = Request.objects.of_peers().filter(
        participant=OuterRef("pk"),
        state=RequestState.PROPOSED,
        perspective__state=PerspectiveState.OPEN,
    )
    return Participant.objects.filter(
        Exists(waiting),
        cycle__state__in=[CycleState.NOMINATION, CycleState.COLLECTION],
        state=ParticipantState.ACTIVE,
    )


def participants_who_lack_peers() -> models.QuerySet[Participant]:
    """Participants about whom somebody else is to be asked now: too few are approved for the promise,
    so that none goes out; or somebody declined, and fewer are left than rules.peers_wanted asks for.
    Not where whoever decides said that these are enough (FewerPeers); one more decline asks anew.

    PRIVACY: without names no decline is ever looked at; whoever is known to have declined is known
    not to be among the voices. What is held says how many were approved, and nothing of answers.
    """
    mine = Request.objects.of_peers().filter(
        participant=OuterRef("pk"), perspective__state=PerspectiveState.OPEN
    )
    left = (
        Request.objects.filter(
            participant=OuterRef("participant_id"),
            perspective=OuterRef("perspective_id"),
            state__in=STILL_ASKED,
        )
        .order_by()
        .values("participant")
        .annotate(n=Count("pk"))
        .values("n")
    )
    wanted = Case(
        When(perspective__mode=Mode.NAMED, then=Value(FEWEST_PEERS)),
        default=F("perspective__threshold"),
        output_field=IntegerField(),
    )
    declined = mine.filter(
        state=RequestState.DECLINED, perspective__mode__in=[Mode.NAMED, Mode.CONFIDENTIAL]
    ).annotate(left=Coalesce(Subquery(left), 0), wanted=wanted)
    enough = "participant__fewer_peers"
    too_few = declined.filter(
        Q(**{enough: None}) | Q(left__lt=F(f"{enough}__left")), left__lt=F("wanted")
    )
    return Participant.objects.filter(
        Q(Exists(mine.filter(state=RequestState.HELD)), fewer_peers=None) | Q(Exists(too_few)),
        cycle__state=CycleState.COLLECTION,
        state=ParticipantState.ACTIVE,
    )


class Request(models.Model):
    """One person is, or may be, asked for feedback on a participant."""

    perspective = models.ForeignKey(Perspective, on_delete=models.PROTECT, related_name="requests")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="feedback_requests"
    )
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="feedback_requests")
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.PROPOSED)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decline_code = models.CharField(max_length=16, choices=DeclineReason, blank=True)
    decline_reason = models.CharField(max_length=200, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["perspective", "participant", "giver"], name="request_once_per_giver"
            ),
            CheckConstraint(
                condition=Q(state__in=RequestState.values), name="request_state_is_known"
            ),
            CheckConstraint(
                condition=Q(decline_code__in=["", *DeclineReason.values]),
                name="request_decline_code_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class FewerPeers(models.Model):
    """Whoever decides said that the peers who are left are enough; naming one more undoes it.

    PRIVACY: it tells of a decline, so it is read where that is read: by whoever decides.
    """

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="fewer_peers"
    )
    left = models.PositiveSmallIntegerField(help_text="Peers who were still asked at that moment.")
    accepted_at = models.DateTimeField()
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.left} are enough"


class FeedbackDraftQuerySet(models.QuerySet["FeedbackDraft"]):
    def visible_to(self, viewer: Viewer) -> FeedbackDraftQuerySet:
        return draft_gate.visible(viewer, self, "read_draft")


class FeedbackDraft(models.Model):
    """What a giver is writing. It is the giver's alone and is deleted in the act of sending.

    `content` holds what stands, and every earlier version beside it (rules.Draft).
    """

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="draft")
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    content = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=64, blank=True, help_text="Of the last save.")

    objects = FeedbackDraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draft {self.pk}"
