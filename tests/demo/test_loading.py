"""The made-up company: every state occurs, every text is believable, and loading again changes nothing."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models

from apps.calibration.models import Decision, Membership, Session
from apps.calibration.states import SessionState
from apps.core.audit import verify
from apps.core.models import AuditEvent
from apps.demo.load import load_company
from apps.demo.load.words import _named_months, months_between
from apps.demo.script import read_script
from apps.feedback.models import Answer, AnswerPart, Perspective, Request
from apps.feedback.states import Mode, PerspectiveState, RequestState
from apps.inbox.duties import duties_of_everyone
from apps.inbox.states import DutyKind
from apps.ladders.models import LadderVersion
from apps.ladders.states import VersionState
from apps.people.models import Person, User
from apps.reviews.models import (
    Cycle,
    Dispute,
    Participant,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewVersion,
)
from apps.reviews.states import CycleState, ParticipantState, ReviewKind, ReviewState

DOMAIN = "@fjordline.example"
NOT_OF_THE_STORY = {CycleState.PAUSED, CycleState.CANCELLED}
TEXTS = {
    Review: ("summary", "departure", "private_note"),
    ReviewItem: ("comment",),
    AnswerPart: ("text",),
    Decision: ("reason",),
    Participant: ("reply",),
    Dispute: ("text", "outcome"),
    RatingEvent: ("reason",),
    Request: ("decline_reason",),
}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def person(name: str) -> Person:
    return Person.objects.get(email=f"{name}{DOMAIN}")


def participant(name: str, state: CycleState) -> Participant:
    return Participant.objects.get(person=person(name), cycle__state=state)


def test_a_cycle_stands_in_every_state_of_its_life():
    states = set(Cycle.objects.values_list("state", flat=True))

    assert states == {state.value for state in CycleState} - NOT_OF_THE_STORY


def test_something_of_every_kind_is_asked_of_somebody():
    asked = Counter(duty.kind for duty in duties_of_everyone())

    assert set(asked) == set(DutyKind)


def test_somebody_is_reviewed_on_each_of_the_five_sample_ladders():
    published = LadderVersion.objects.filter(state=VersionState.PUBLISHED)
    reviewed = ReviewItem.objects.filter(
        review__kind=ReviewKind.MANAGER, review__state=ReviewState.SUBMITTED
    )
    by_level = set(
        reviewed.filter(competency__isnull=False, value__isnull=False).values_list(
            "review__participant__level__version", flat=True
        )
    )
    by_goals = set(
        reviewed.filter(goal__metric__isnull=False, value__isnull=False).values_list(
            "goal__metric__profile__version", flat=True
        )
    )

    assert published.count() == 5
    assert {v.pk for v in published if v.kind == "ladder"} <= by_level
    assert {v.pk for v in published if v.kind == "role_profiles"} == by_goals
    assert by_level | by_goals == {v.pk for v in published}


def test_loading_again_changes_nothing_and_is_quick(company):
    def rows():
        return {model._meta.label: model._default_manager.count() for model in apps.get_models()}

    review = Review.objects.filter(state=ReviewState.DRAFT).first()
    Review.objects.filter(pk=review.pk).update(summary="Typed by a visitor.")
    before, begun = rows(), time.monotonic()

    loaded = load_company(now=company + timedelta(days=3))

    assert loaded is False
    assert rows() == before
    assert Review.objects.get(pk=review.pk).summary == "Typed by a visitor."
    assert time.monotonic() - begun < 5


def test_everybody_but_one_can_sign_in_and_nobody_has_a_password():
    with_account = Person.objects.exclude(user=None)

    assert list(Person.objects.filter(user=None).values_list("email", flat=True)) == [
        f"joao.brandao{DOMAIN}"
    ]
    assert with_account.count() == 66
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 66
    assert not person("haruki.tanaka").user.is_active


def test_no_text_is_left_unfinished_or_stands_where_a_name_belongs():
    texts = [
        text
        for model, columns in TEXTS.items()
        for column in columns
        for text in model.objects.exclude(**{column: ""}).values_list(column, flat=True)
    ]

    assert len(texts) > 800
    assert [t for t in texts if re.search(r"[{}]|TODO|FIXME|lorem|!|  ", t, re.IGNORECASE)] == []


def test_no_text_of_the_pool_stands_twice_with_one_person():
    said: dict[int, Counter[str]] = defaultdict(Counter)
    for subject, text in ReviewItem.objects.exclude(comment="").values_list(
        "review__participant__person", "comment"
    ):
        said[subject][text] += 1
    for subject, text in AnswerPart.objects.exclude(text="").values_list(
        "answer__participant__person", "text"
    ):
        said[subject][text] += 1

    repeated = [(s, t) for s, texts in said.items() for t, n in texts.items() if n > 1]
    assert repeated == []


def test_comments_of_the_pool_name_no_month_outside_the_period(company):
    pool = {
        text
        for themes in read_script(company.date()).reviews["pool"].values()
        for texts in themes.values()
        for text in texts
        if "{first}" not in text
    }
    items = ReviewItem.objects.filter(comment__in=pool).select_related("review__participant__cycle")

    assert len(items) > 20
    for item in items:
        cycle = item.review.participant.cycle
        period = months_between(cycle.period_start, cycle.period_end)
        assert _named_months(item.comment) <= period, item.comment


def test_nothing_written_lies_ahead_of_the_instant_of_loading(company):
    ahead = [
        f"{model._meta.label}.{column.name}"
        for model in (Review, ReviewVersion, RatingEvent, Participant, Decision, Dispute, Session)
        for column in model._meta.get_fields()
        if isinstance(column, models.DateTimeField)
        and model.objects.filter(**{f"{column.name}__gt": company + timedelta(minutes=30)}).exists()
    ]

    assert ahead == []


def test_every_chain_of_the_audit_holds():
    events = AuditEvent.objects.order_by("object_type", "object_id", "sequence")

    assert events.count() > 1000
    assert verify(events) == []


def test_a_session_is_live_with_two_present_and_another_is_locked():
    live = Session.objects.get(state=SessionState.LIVE)
    locked = Session.objects.get(state=SessionState.LOCKED)

    assert live.name == "Operations and Data"
    assert Membership.objects.filter(session=live, present=True).count() == 2
    changed = Decision.objects.filter(item__session=live).exclude(reason_code="kept")
    assert {d.item.participant.person.email for d in changed} == {
        f"thandiwe.nkosi{DOMAIN}",
        f"hanne.vik{DOMAIN}",
    }
    assert all(d.reason for d in changed)
    assert locked.record_hash
    assert locked.items.filter(decisions=None).count() == 0


def test_people_of_one_department_do_not_fill_a_session_of_the_whole_cycle():
    live = Session.objects.get(state=SessionState.LIVE)

    departments = set(live.items.values_list("participant__department__name", flat=True))
    assert departments == {"Operations", "Data & Analytics"}


def test_each_mode_of_feedback_was_used_and_one_batch_stays_below_its_threshold():
    sealed = Perspective.objects.filter(state=PerspectiveState.SEALED)
    batches = Counter(
        Answer.objects.filter(perspective__mode=Mode.ANONYMOUS).values_list(
            "perspective", "participant"
        )
    )
    thresholds = dict(sealed.values_list("pk", "threshold"))
    below = [b for b, voices in batches.items() if voices < thresholds[b[0]]]

    assert set(sealed.values_list("mode", flat=True)) == set(Mode.values)
    assert len(below) == 3
    assert len(batches) > len(below)
    assert Request.objects.filter(state=RequestState.DECLINED).exists()
    assert Request.objects.filter(state=RequestState.LAPSED).exists()


def test_kwame_has_two_open_requests():
    asked = Request.objects.asked_in_collection().filter(giver=person("kwame.mensah"))

    assert asked.count() == 2


def test_priya_has_twelve_reviews_of_which_five_are_in_and_four_begun():
    hers = Review.objects.filter(
        author=person("priya.raghavan"),
        kind=ReviewKind.MANAGER,
        participant__cycle__state=CycleState.MANAGER_REVIEW,
    )

    assert hers.count() == 12
    assert hers.filter(state=ReviewState.SUBMITTED).count() == 5
    assert hers.filter(state=ReviewState.DRAFT, saved_at__isnull=False).count() == 4


def test_meeras_review_went_over_with_the_draft_of_her_earlier_manager():
    meera = participant("meera.iyer", CycleState.MANAGER_REVIEW)
    review = meera.reviews.get(kind=ReviewKind.MANAGER)

    assert meera.manager == person("priya.raghavan")
    assert review.author == person("priya.raghavan")
    kept = ReviewVersion.objects.get(review=review, set_aside_for=person("catarina.lemos"))
    assert any("fourteen countries" in text for text in kept.content["fields"].values())


def test_changes_since_launch_wait_on_the_boards(company):
    waiting = {
        p.person.email: (p.has_left, p.moved_manager)
        for p in Participant.objects.filter(cycle__state__in=["manager_review", "delivery"])
        .select_related("person")
        .changed_since_launch(on=company.date())
    }

    assert waiting == {
        f"siri.lunde{DOMAIN}": (False, True),
        f"haruki.tanaka{DOMAIN}": (True, False),
    }


def test_wei_was_added_while_the_cycle_ran():
    wei = participant("wei.zhang", CycleState.MANAGER_REVIEW)

    assert wei.state == ParticipantState.ACTIVE
    assert AuditEvent.objects.filter(verb="add_participant", object_id=str(wei.pk)).count() == 1


def test_one_dispute_is_open_one_changed_a_rating_and_one_did_not():
    states = {
        d.participant.person.email.partition("@")[0]: (
            d.participant.state,
            RatingEvent.objects.filter(participant=d.participant, source="dispute").count(),
        )
        for d in Dispute.objects.all()
    }

    assert states == {
        "sofia.ramos": (ParticipantState.DISPUTED, 0),
        "tiago.figueiredo": (ParticipantState.SETTLED, 1),
        "vikram.chauhan": (ParticipantState.SETTLED, 0),
    }


def test_leonors_goals_come_from_her_profile_and_hold_what_was_reached():
    goals = list(participant("leonor.pacheco", CycleState.COLLECTION).goals.order_by("position"))

    assert [goal.metric_id is not None for goal in goals] == [True, True, True]
    assert [goal.actual for goal in goals if goal.target is not None] == [14, 29]
