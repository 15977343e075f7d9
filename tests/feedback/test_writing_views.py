"""T2, T6, T7, T10: the giver's form through its doors; nothing typed is lost, and nothing is sent that was not seen."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from apps.feedback.models import Answer, AnswerPart, FeedbackDraft
from apps.feedback.rules import Draft
from apps.feedback.states import Mode
from apps.reviews.states import CycleState
from config import settings_test
from tests.feedback.worlds import as_viewer, send, small_world, whole_form
from tests.forms import FORM

pytestmark = pytest.mark.django_db
NAMED = [Mode.NAMED, Mode.CONFIDENTIAL]


class Desk:
    """One giver in a small world, signed in, with a page open."""

    def __init__(self, client, mode=Mode.ANONYMOUS):
        self.client, self.world = client, small_world(givers=1, mode=mode, competencies=1)
        self.giver = self.world.givers[0]
        self.request = self.world.request_of(self.giver)
        self.first, self.second = (f"question_{q.pk}" for q in self.world.questions)
        self.form = whole_form(self.world)
        client.force_login(self.giver.user)

    def url(self, name, *more):
        return reverse(f"feedback:{name}", args=[self.request.pk, *more])

    def page(self, name="give_feedback"):
        return self.client.get(self.url(name)).content.decode()

    def autosave(self, fields, seen, key=""):
        settings_test.generation += 1
        body = urlencode([*(("changed", name) for name in fields), *fields.items()])
        headers = {"If-Match": f'"{seen}"', "Idempotency-Key": key, "Accept": "application/json"}
        return self.client.post(
            self.url("save_feedback_draft"), body, content_type=FORM, headers=headers
        )

    def post(self, name, fields, seen):
        return self.client.post(self.url(name), {**fields, "revision": str(seen)})

    @property
    def draft(self):
        row = FeedbackDraft.objects.get()
        return Draft.of(row.content, row.revision)


@pytest.fixture
def desk(client):
    return Desk(client)


def test_an_answer_that_was_lost_is_given_again_also_after_another_tab_saved(desk):
    """T6"""
    first = desk.autosave({desk.first: "one"}, 0, key="key-1")
    desk.autosave({desk.first: "two"}, 1, key="key-2")

    again = desk.autosave({desk.first: "one"}, 0, key="key-1")

    assert (again.status_code, again.json()) == (200, first.json())
    assert desk.draft.values == {desk.first: "two"}
    assert len(desk.draft.versions) == 2


def test_a_conflict_that_was_lost_on_its_way_is_told_again_and_kept_once(desk):
    """T6"""
    desk.autosave({desk.first: "stands"}, 0)
    told = [desk.autosave({desk.first: "lost"}, 0, key="key-9") for _ in range(2)]

    assert {t.status_code for t in told} == {409}
    assert told[0].json() == told[1].json() == {"revision": 2, "theirs": {desk.first: "stands"}}
    assert [p.changes for p in desk.draft.past() if p.why] == [{desk.first: "lost"}]


def test_a_form_without_scripts_changes_only_what_was_typed_in_it(desk):
    """T2: another tab saved the second answer meanwhile; this form was filled before."""
    desk.autosave({desk.second: "from the other tab"}, 0)

    answer = desk.post("keep_feedback", {desk.first: "from this one"}, 0)

    assert answer.status_code == 302
    assert desk.draft.values == {desk.first: "from this one", desk.second: "from the other tab"}


def test_a_form_that_loses_shows_both_texts_and_is_kept(desk):
    desk.autosave({desk.first: "stands"}, 0)

    answer = desk.post("keep_feedback", {desk.first: "lost"}, 0)

    body = answer.content.decode()
    assert answer.status_code == 409
    assert 'name="revision" value="2"' in body
    assert body.count("stands</p>") == 1
    assert "lost</textarea>" in body
    assert "lost" in desk.page("feedback_versions")
    assert desk.post("keep_feedback", {desk.first: "lost"}, 2).status_code == 302
    assert desk.draft.values == {desk.first: "lost"}


@pytest.mark.parametrize("mode", Mode)
def test_a_form_to_send_that_loses_is_kept_and_sends_nothing(client, mode):
    desk = Desk(client, mode)
    desk.autosave({desk.first: "newer words"}, 0)

    answer = desk.post("send_feedback", desk.form, 0)

    assert answer.status_code == 409
    assert not Answer.objects.exists()
    lost = next(p.changes for p in desk.draft.past() if p.why)
    assert lost == {n: t for n, t in desk.form.items() if n != desk.first} | {
        desk.first: desk.form[desk.first]
    }
    assert desk.post("send_feedback", desk.form, 2).status_code == 302
    assert Answer.objects.count() == 1
    assert not FeedbackDraft.objects.exists()


def test_what_is_incomplete_is_saved_all_the_same(desk):
    answer = desk.post("send_feedback", {desk.first: "Only this."}, 0)

    assert answer.status_code == 422
    assert desk.draft.values == {desk.first: "Only this."}
    assert 'name="revision" value="1"' in answer.content.decode()


@pytest.mark.parametrize("mode", Mode)
def test_sending_again_by_back_or_after_a_lost_answer_is_one_answer(client, mode):
    """T7"""
    desk = Desk(client, mode)
    for _ in range(3):
        again = desk.post("send_feedback", desk.form, 0)
        assert (again.status_code, again.url) == (302, reverse("feedback:my_feedback"))
    assert Answer.objects.count() == 1


@pytest.mark.parametrize("deed", ["keep_feedback", "send_feedback"])
@pytest.mark.parametrize("mode", Mode)
def test_when_collection_closes_the_text_is_kept_as_an_unsent_draft(client, mode, deed):
    """T10: between phases nothing is sealed yet, and everything is kept."""
    desk = Desk(client, mode)
    desk.world.move_cycle(CycleState.MANAGER_REVIEW)

    desk.post(deed, {**desk.form, desk.first: "A minute late."}, 0)

    assert not Answer.objects.exists()
    assert "A minute late." in desk.page()
    assert "It was not sent" in desk.page()
    assert "Restore</" not in desk.page("feedback_versions")
    assert desk.client.post(desk.url("restore_feedback_draft", 1)).status_code == 403


def test_after_sealing_the_words_of_somebody_who_may_have_sent_are_only_shown(desk):
    """T10: without a draft nobody knows whether this giver sent; so nothing is kept under their name."""
    desk.world.seal()

    answer = desk.post("send_feedback", {**desk.form, desk.first: "Too late."}, 0)

    assert answer.status_code == 409
    assert "Too late." in answer.content.decode()
    assert "It is kept nowhere" in answer.content.decode()
    assert not FeedbackDraft.objects.exists()


@pytest.mark.parametrize("mode", NAMED)
def test_a_change_of_what_was_sent_begins_with_what_was_sent(client, mode):
    """One field saved by itself, and a reload, must not empty the others."""
    desk = Desk(client, mode)
    send(desk.world, desk.giver, desk.form)

    saved = desk.autosave({desk.first: "Second thoughts."}, 0)

    assert saved.status_code == 200
    page = desk.page()
    assert "Second thoughts.</textarea>" in page
    assert f"{desk.form[desk.second]}</textarea>" in page
    assert "3 of 3 answered" in page
    changed = {**desk.form, desk.first: "Second thoughts."}
    assert desk.post("send_feedback", changed, saved.json()["revision"]).status_code == 302
    assert AnswerPart.objects.filter(text="Second thoughts.").count() == 1


@pytest.mark.parametrize("mode", NAMED)
def test_a_change_that_is_sent_too_late_is_not_said_to_be_sent(client, mode):
    """T10"""
    desk = Desk(client, mode)
    send(desk.world, desk.giver, desk.form)
    desk.world.move_cycle(CycleState.MANAGER_REVIEW)

    late = desk.post("send_feedback", {**desk.form, desk.first: "Too late."}, 0)

    assert (late.status_code, late.url) == (302, desk.url("give_feedback"))
    assert "Too late." in desk.page()
    assert not AnswerPart.objects.filter(text="Too late.").exists()


@pytest.mark.parametrize("mode", NAMED)
def test_a_change_that_comes_too_late_is_kept_and_changes_nothing(client, mode):
    """T10"""
    desk = Desk(client, mode)
    send(desk.world, desk.giver, desk.form)
    desk.world.seal()

    late = desk.autosave({desk.first: "Too late."}, 0)

    assert (late.status_code, late.json()["code"]) == (409, "closed")
    assert "Too late." in desk.page()
    assert not AnswerPart.objects.filter(text="Too late.").exists()


def test_a_page_from_before_sending_is_not_taken_for_one_after_it(client):
    desk = Desk(client, Mode.NAMED)
    old = desk.autosave({desk.first: "first draft"}, 0).json()["revision"]
    desk.post("send_feedback", {**desk.form, desk.first: "sent"}, old)
    desk.autosave({desk.first: "a change"}, 0)

    answer = desk.autosave({desk.first: "from the old page"}, old)

    assert (answer.status_code, answer.json()["theirs"]) == (409, {desk.first: "a change"})


def test_versions_are_read_and_restored_by_the_giver_alone(desk):
    desk.autosave({desk.first: "first"}, 0)
    desk.autosave({desk.first: "second"}, 1)
    desk.autosave({desk.first: "lost"}, 1)
    page = desk.page("feedback_versions")
    for words in ("first", "second", "lost", "A text that lost against another tab"):
        assert words in page

    for revision, stands in ((1, "first"), (3, "lost")):
        assert desk.client.post(desk.url("restore_feedback_draft", revision)).status_code == 302
        assert desk.draft.values == {desk.first: stands}
    assert desk.client.post(desk.url("restore_feedback_draft", 77)).status_code == 404

    for person in desk.world.others():
        desk.client.force_login(person.user)
        assert desk.client.get(desk.url("feedback_versions")).status_code == 404
        assert desk.client.post(desk.url("restore_feedback_draft", 1)).status_code == 404


def test_after_sending_without_a_name_no_version_is_left(desk):
    desk.autosave({desk.first: "first"}, 0)
    desk.post("send_feedback", desk.form, 1)
    assert "Nothing has been saved yet" in desk.page("feedback_versions")
    assert desk.client.post(desk.url("restore_feedback_draft", 1)).status_code == 403
    assert not FeedbackDraft.objects.exists()


def test_when_the_sign_in_ends_nothing_is_written_and_the_form_is_held(desk):
    """T4"""
    Session.objects.all().delete()
    assert desk.autosave({desk.first: "x"}, 0).status_code == 401
    assert desk.post("send_feedback", desk.form, 0).status_code in {302, 401}
    assert not Answer.objects.exists()


def test_too_many_saves_are_asked_to_wait_and_none_is_lost(desk, monkeypatch):
    answers = []
    monkeypatch.setattr("apps.core.limits.time.time", lambda: 1_000_000.0)
    for n in range(12):
        body = urlencode([("changed", desk.first), (desk.first, str(n))])
        answers.append(
            desk.client.post(
                desk.url("save_feedback_draft"), body, content_type=FORM,
                headers={"If-Match": f'"{n}"', "Accept": "application/json"},
            )
        )  # fmt: skip
    assert [a.status_code for a in answers] == [200] * 10 + [429] * 2
    assert int(answers[-1]["Retry-After"]) >= 1


@pytest.mark.parametrize("name", ["give_feedback", "feedback_versions"])
def test_what_the_pages_cost(client, name, django_assert_max_num_queries):
    from apps.feedback import pages

    desk = Desk(client, Mode.NAMED)
    send(desk.world, desk.giver, desk.form)
    viewer = as_viewer(desk.giver)
    with django_assert_max_num_queries(8):
        getattr(pages, name)(viewer, request_id=desk.request.pk)
