"""What happens to people in a cycle that runs: excused, added late, handed over, moved, aiming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef, ProtectedError
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.ladders.expectations import count_of
from apps.people.models import Person
from apps.reviews.access import cycle_gate, participant_gate
from apps.reviews.actions.drafts import content_of_rows
from apps.reviews.actions.launch import enrol, open_reviews
from apps.reviews.models import (
    Cycle,
    Goal,
    Participant,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewVersion,
)
from apps.reviews.rules.phases import Hindered
from apps.reviews.states import PARTICIPANT_MOVES, ParticipantState, ReviewKind, ReviewState


@dataclass(frozen=True)
class GoalPlan:
    """What is typed about a goal. `target` and `actual` are in `unit`."""

    text: str
    comparator: str
    target: Decimal | None = None
    unit: str = ""
    actual: Decimal | None = None


@transaction.atomic
def excuse_participant(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """Out of this cycle; what was written stays. PRIVACY: no reason is asked, and none is kept."""
    participant_gate.require(by, "excuse_participant", participant)
    advance(participant, PARTICIPANT_MOVES["excuse_participant"])
    record("excuse_participant", participant, by=by, at=now)


@transaction.atomic
def readmit_participant(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """Back into the cycle, exactly as they left it."""
    participant_gate.require(by, "readmit_participant", participant)
    advance(participant, PARTICIPANT_MOVES["readmit_participant"])
    record("readmit_participant", participant, by=by, at=now)


@transaction.atomic
def add_participant(cycle: Cycle, person: Person, *, by: Viewer, now: datetime) -> Participant:
    """Somebody joins while it runs, as they stand today. Errors: StaleState when already in."""
    cycle_gate.require(by, "add_participant", cycle)
    if person.left_on is not None and person.left_on <= now.date():
        raise Hindered(_("This person does not work here any more."))
    if not enrol(cycle, Person.objects.filter(pk=person.pk)):
        raise StaleState(f"{person.pk} takes part in {cycle.pk} already")
    participant = Participant.objects.get(cycle=cycle, person=person)
    record("add_participant", participant, by=by, at=now, cycle=cycle.pk, person=person.pk)
    return participant


@transaction.atomic
def hand_over(
    participant: Participant, *, with_draft: bool = False, by: Viewer, now: datetime
) -> None:
    """The person's manager of today takes the review over.

    A submitted review keeps its author. Of a draft the old author's words are set aside as theirs;
    the new author starts from them only when HR says so (`with_draft`), else from an empty page.
    Errors: Hindered without a manager today; StaleState when the review moved meanwhile.
    """
    participant_gate.require(by, "hand_over", participant)
    old, new = participant.manager_id, participant.person.manager_id
    if new is None:
        raise Hindered(_("This person has no manager today. Give them one first."))
    rows = Participant.objects.filter(pk=participant.pk, manager=old, state=ParticipantState.ACTIVE)
    if not rows.update(manager=new, manager_kept=False):
        raise StaleState(f"{participant} was handed over already")
    participant.manager_id, participant.manager_kept = new, False
    review = Review.objects.filter(participant=participant, kind=ReviewKind.MANAGER).first()
    if review is None:
        open_reviews(
            rows.model.objects.filter(pk=participant.pk), ReviewKind.MANAGER, author="manager_id"
        )
    elif review.state == ReviewState.DRAFT and review.author_id != new:
        _hand_draft_over(review, new, with_draft, now)
    record("hand_over", participant, by=by, at=now, old=old, new=new, with_draft=with_draft)


def _hand_draft_over(review: Review, new_author_id: int, with_draft: bool, now: datetime) -> None:
    old_author_id, revision = review.author_id, review.revision
    versions = ReviewVersion.objects.filter(review=review, set_aside_for=None)
    changes: dict[str, object] = {"author": new_author_id}
    if revision or _has_words(review):
        newest = versions.filter(revision=revision).values_list("content", flat=True).first()
        content = newest or _as_stored(review)
        changes["revision"] = revision + 1
        # PRIVACY: the copy is the old author's own; without the draft all their versions are.
        if not with_draft:
            versions.update(set_aside_for=old_author_id)
        ReviewVersion.objects.create(
            review=review,
            revision=revision + 1,
            saved_at=now,
            content=content,
            set_aside_for_id=old_author_id,
        )
        if not with_draft:
            changes |= {
                "overall": None,
                "departure": "",
                "summary": "",
                "promotion": "",
                "private_note": "",
                "saved_at": None,
            }
            ReviewItem.objects.filter(review=review).delete()
    taken = Review.objects.filter(
        pk=review.pk, revision=revision, author=old_author_id, state=ReviewState.DRAFT
    ).update(**changes)
    if not taken:
        raise StaleState(f"{review} was saved or submitted at the same moment")


def _has_words(review: Review) -> bool:
    return bool(review.summary or review.overall or review.private_note) or review.items.exists()


def _as_stored(review: Review) -> dict[str, object]:
    content = content_of_rows(review)
    return {"fields": dict(content.fields), "since": dict(content.since)}


@transaction.atomic
def keep_manager(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The manager of the launch goes on reviewing although the person reports to another now."""
    participant_gate.require(by, "keep_manager", participant)
    if participant.manager_id is None:
        raise Hindered(_("There is no earlier manager to keep."))
    _claim(participant, manager_kept=True)
    record("keep_manager", participant, by=by, at=now, manager=participant.manager_id)


@transaction.atomic
def keep_level(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The level of the launch goes on counting in this cycle."""
    participant_gate.require(by, "keep_level", participant)
    _claim(participant, level_kept=True)
    record("keep_level", participant, by=by, at=now, level=participant.level_id)


@transaction.atomic
def take_level(participant: Participant, *, by: Viewer, now: datetime) -> None:
    """The level and mixins of today count instead. Only before the manager review is in.

    What was written about competencies that no longer count is kept, and shown no more.
    """
    participant_gate.require(by, "take_level", participant)
    if _is_reviewed(participant):
        raise Hindered(_("The manager review is submitted for the earlier level."))
    old, person = participant.level_id, participant.person
    mixins = list(person.mixins.values_list("pk", flat=True))
    combination = (person.level_id, frozenset(mixins))
    count = count_of([combination])[combination] + participant.goals.count()
    _claim(participant, level_id=person.level_id, item_count=count, level_kept=False)
    participant.mixins.set(mixins)
    record("take_level", participant, by=by, at=now, old=old, new=person.level_id)


def _is_reviewed(participant: Participant) -> bool:
    return Review.objects.filter(
        participant=participant, kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
    ).exists()


def _claim(participant: Participant, **changes: object) -> None:
    """Write while they are still being reviewed, or say that the page is out of date."""
    rows = Participant.objects.filter(
        pk=participant.pk, state=ParticipantState.ACTIVE, manager=participant.manager_id
    )
    if not rows.update(**changes):
        raise StaleState(f"{participant} moved meanwhile")
    for name, value in changes.items():
        setattr(participant, name, value)


@transaction.atomic
def add_goal(participant: Participant, plan: GoalPlan, *, by: Viewer, now: datetime) -> Goal:
    """One more goal, rated with the others. Errors: Hindered once the manager review is in."""
    participant_gate.require(by, "edit_goals", participant)
    if _is_reviewed(participant):
        raise Hindered(_("The manager review is submitted, so goals stay as they are."))
    _claim(participant, item_count=F("item_count") + 1)
    goal = Goal.objects.create(
        participant=participant, position=participant.goals.count(), **vars(plan)
    )
    record("add_goal", participant, by=by, at=now, goal=goal.pk)
    return goal


@transaction.atomic
def edit_goal(goal: Goal, plan: GoalPlan, *, by: Viewer, now: datetime) -> None:
    """What is aimed at and what was reached. Errors: Hindered once the manager review is in."""
    participant_gate.require(by, "edit_goals", goal.participant)
    if _is_reviewed(goal.participant):
        raise Hindered(_("The manager review is submitted, so goals stay as they are."))
    for name, value in vars(plan).items():
        setattr(goal, name, value)
    goal.save()
    record("edit_goal", goal.participant, by=by, at=now, goal=goal.pk)


@transaction.atomic
def remove_goal(goal: Goal, *, by: Viewer, now: datetime) -> None:
    """Away with a goal that nobody has written about. Errors: Hindered otherwise."""
    participant = goal.participant
    participant_gate.require(by, "edit_goals", participant)
    written = ReviewItem.objects.filter(goal=OuterRef("pk"))
    rated = RatingEvent.objects.filter(goal=OuterRef("pk"))
    if not Goal.objects.filter(~Exists(written), ~Exists(rated), pk=goal.pk).exists():
        raise Hindered(_("Something is written about this goal already, so it stays."))
    number = goal.pk
    try:
        goal.delete()
    except ProtectedError as written_meanwhile:
        raise StaleState(f"{goal} was written about at the same moment") from written_meanwhile
    _claim(participant, item_count=Greatest(F("item_count") - 1, 0))
    record("remove_goal", participant, by=by, at=now, goal=number)
