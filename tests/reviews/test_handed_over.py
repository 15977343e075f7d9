"""T11: somebody is given to another manager while the first one types; the words stay the first one's."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.people.models import Person
from apps.reviews import actions
from apps.reviews.actions.handed_over import HANDED_OVER
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.pages.kept import kept_words
from apps.reviews.rules.fields import Unstorable
from tests.factories import NOON
from tests.factories.ladders import CompetencyFactory, StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import (
    EvidenceNoteFactory,
    FormQuestionFactory,
    GoalFactory,
    ReviewFactory,
)
from tests.forms import FORM
from tests.reviews.desks import Counted, make_desk, save

pytestmark = pytest.mark.django_db
HR = Viewer(person_id=None, roles=frozenset({"process_admin"}))


@pytest.fixture
def desk():
    return make_desk(1, accounts=True)


@pytest.fixture
def new_manager():
    return PersonFactory(with_user=True)


def hand_over(desk, new_manager, **given):
    """Result: the viewer that the former manager is."""
    old = Viewer(person_id=desk.participant.manager_id)
    Person.objects.filter(pk=desk.participant.person_id).update(manager=new_manager)
    desk.participant.person.refresh_from_db()
    actions.hand_over(desk.participant, by=HR, now=NOON, **given)
    return old


def kept_for(former):
    return ReviewVersion.objects.filter(set_aside_for=former.person_id).latest("revision").content


def words_of(person):
    client = Client()
    client.force_login(person.user)
    return client.get(reverse("reviews:kept_words")).content.decode()


@pytest.mark.parametrize("with_draft", [True, False])
def test_what_was_still_being_typed_is_kept_for_its_writer_alone(desk, new_manager, with_draft):
    old = desk.participant.manager
    save(desk, {"summary": "Saved before.", "private_note": "For the committee."})
    former = hand_over(desk, new_manager, with_draft=with_draft)
    before = Review.objects.values().get(pk=desk.manager_review.pk)

    saving = save(desk, {"summary": "Saved before, and typed on."}, base=1, by=former)

    assert saving.outcome == HANDED_OVER
    assert Review.objects.values().get(pk=desk.manager_review.pk) == before
    assert "Saved before, and typed on." in words_of(old)
    assert "For the committee." in words_of(old)
    assert "typed on" not in words_of(new_manager)


def test_the_new_manager_goes_on_undisturbed(desk, new_manager):
    save(desk, {"summary": "Saved before."})
    former = hand_over(desk, new_manager, with_draft=True)
    new = Viewer(person_id=new_manager.pk)
    base = Review.objects.get(pk=desk.manager_review.pk).revision
    save(desk, {"summary": "Late words."}, base=1, by=former)

    saving = save(desk, {"summary": "My own."}, base=base, by=new)

    assert saving.outcome == "saved"
    assert Review.objects.get(pk=desk.manager_review.pk).summary == "My own."
    assert "Late words." not in str(
        list(ReviewVersion.objects.filter(set_aside_for=None).values_list("content", flat=True))
    )


def test_whoever_never_wrote_it_learns_nothing(desk, new_manager):
    save(desk, {"summary": "Saved before."})
    hand_over(desk, new_manager)

    for other in (Viewer(person_id=PersonFactory().pk), Viewer(), SYSTEM_VIEWER):
        with pytest.raises(Review.DoesNotExist):
            save(desk, {"summary": "x"}, base=1, by=other)


def test_what_cannot_be_kept_is_refused_here_as_well(desk, new_manager):
    save(desk, {"summary": "Saved before."})
    former = hand_over(desk, new_manager)

    with pytest.raises(Unstorable):
        save(desk, {"summary": "a\0b"}, base=1, by=former)


@pytest.mark.parametrize(
    ("made_up", "text", "factory"),
    [
        ("c{}-comment", "Made up.", CompetencyFactory),
        ("c{}-value", "3", CompetencyFactory),
        ("g{}-comment", "Made up.", GoalFactory),
        ("q{}-comment", "Made up.", FormQuestionFactory),
        ("s{}-shown", "strength", StatementFactory),
        ("poem", "Made up.", PersonFactory),
    ],
    ids=["competency", "rating", "goal", "question", "statement", "nothing"],
)
def test_a_field_that_the_form_does_not_have_is_refused_and_nothing_of_it_kept(
    desk, new_manager, made_up, text, factory
):
    save(desk, {"summary": "Saved before."})
    former = hand_over(desk, new_manager)
    name = made_up.format(factory().pk)  # it is there, in another form
    before = kept_for(former)

    with pytest.raises(Unstorable) as refused:
        save(desk, {name: text, "summary": "And on."}, base=1, by=former)

    assert (refused.value.name, refused.value.why) == (name, "unknown")
    assert kept_for(former) == before


def test_what_a_former_author_links_is_neither_looked_for_nor_kept(desk, new_manager):
    save(desk, {"summary": "Saved before."})
    former = hand_over(desk, new_manager)
    about = f"c{desk.competencies[0].pk}"
    note = EvidenceNoteFactory()

    save(desk, {f"{about}-notes": f"{note.pk}", f"{about}-comment": "Typed on."}, base=1, by=former)

    kept = kept_for(former)["fields"]
    assert kept == {"summary": "Saved before.", f"{about}-comment": "Typed on."}


def test_words_about_a_goal_that_is_gone_since_can_be_finished(desk, new_manager):
    goal = GoalFactory(participant=desk.participant)
    name = f"g{goal.pk}-comment"
    save(desk, {name: "It took"})
    former = hand_over(desk, new_manager)
    goal.delete()

    save(desk, {name: "It took a year."}, base=1, by=former)

    assert "It took a year." in words_of(Person.objects.get(pk=former.person_id))


def test_it_costs_few_queries(desk, new_manager):
    save(desk, {"summary": "Saved before."})
    former = hand_over(desk, new_manager)

    with Counted() as counted:
        save(desk, {"summary": "x"}, base=1, by=former)

    assert counted.count <= 5


def test_the_open_page_is_told_in_words(desk, new_manager):
    client = Client()
    client.force_login(desk.participant.manager.user)
    save(desk, {"summary": "Saved before."})
    hand_over(desk, new_manager)

    answer = client.post(
        reverse("reviews:autosave", args=[desk.manager_review.pk]),
        "changed=summary&summary=On+and+on",
        content_type=FORM,
        headers={"If-Match": '"1"', "Idempotency-Key": "key-12345678"},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "closed")
    assert "kept for you" in answer.json()["message"]


def test_the_open_page_is_told_of_a_field_that_there_is_not(desk, new_manager):
    client = Client()
    client.force_login(desk.participant.manager.user)
    save(desk, {"summary": "Saved before."})
    hand_over(desk, new_manager)

    answer = client.post(
        reverse("reviews:autosave", args=[desk.manager_review.pk]),
        "changed=c9999-comment&c9999-comment=Made+up",
        content_type=FORM,
        headers={"If-Match": '"1"', "Idempotency-Key": "key-12345678"},
    )

    assert (answer.status_code, answer.json()["field"]) == (400, "c9999-comment")
    assert "no such field" in answer.json()["message"]


def test_without_scripts_the_form_leads_to_the_words_that_were_kept(desk, new_manager):
    old, writer = desk.participant.manager, Client()
    writer.force_login(old.user)
    save(desk, {"summary": "Saved before."})
    hand_over(desk, new_manager)

    answer = writer.post(
        reverse("reviews:save_review", args=[desk.manager_review.pk]),
        urlencode({"revision": "1", "summary": "A whole evening."}),
        content_type=FORM,
    )

    assert (answer.status_code, answer["Location"]) == (302, reverse("reviews:kept_words"))
    assert "A whole evening." in words_of(old)


def test_the_words_of_every_review_are_shown_however_often_each_was_saved():
    former = PersonFactory()
    for number in range(12):
        review = ReviewFactory()
        ReviewVersion.objects.bulk_create(
            ReviewVersion(
                review=review,
                revision=revision,
                saved_at=NOON + timedelta(minutes=number),
                content={"fields": {"summary": f"Review {number}, save {revision}."}, "since": {}},
                set_aside_for=former,
            )
            for revision in range(1, 21)
        )

    with Counted() as counted:
        found = kept_words(Viewer(person_id=former.pk)).reviews

    assert counted.count == 1
    assert [kept.texts for kept in found] == [[f"Review {n}, save 20."] for n in range(11, -1, -1)]
