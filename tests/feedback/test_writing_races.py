"""T1, T2, T7: a draft under two hands at once; two tabs, a request sent twice, a double click."""

from __future__ import annotations

import pytest

from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions, pages
from apps.feedback.models import Answer, AnswerPart, FeedbackDraft
from apps.feedback.rules import Conflict, Draft
from apps.feedback.states import Mode
from tests.factories import NOON
from tests.feedback.worlds import as_viewer, send, small_world, whole_form
from tests.reviews.test_writing_races import Pair, race

pytestmark = pytest.mark.django_db(transaction=True)


def read(request):
    row = FeedbackDraft.objects.get(request=request.pk)
    return Draft.of(row.content, row.revision)


def saving(world, giver, changes, *, seen, key=""):
    by = as_viewer(giver)

    def deed():
        return actions.save_feedback_draft(
            world.request_of(giver), changes=changes, seen=seen, key=key, by=by, now=NOON
        )

    return deed


def sending(world, giver, values, *, seen):
    """A form filled at revision `seen`; the view reads the draft at the press."""
    by = as_viewer(giver)

    def deed():
        page = pages.give_feedback(by, request_id=world.request_of(giver).pk)
        return actions.send_feedback(
            page.request,
            values=values,
            question_ids=page.question_ids,
            competency_ids=page.competency_ids,
            seen=seen,
            draft=page.draft,
            by=by,
            now=NOON,
        )

    return deed


@pytest.mark.parametrize("times", [25, pytest.param(500, marks=pytest.mark.faults)])
def test_two_tabs_let_go_together_one_wins_and_the_other_text_is_kept(times):
    """T1"""
    world = small_world(givers=1)
    giver, name = world.givers[0], f"question_{world.questions[0].pk}"
    revision = 0
    with Pair() as pair:
        for n in range(times):
            texts = [f"tab one, {n}", f"tab two, {n}"]
            done = pair.race(
                *(saving(world, giver, {name: t}, seen=revision, key=t.replace(" ", "")[:20])
                  for t in texts)
            )  # fmt: skip

            draft = read(world.request_of(giver))
            lost = next(d for d in done if isinstance(d, Conflict))
            assert sum(isinstance(d, actions.Saved) for d in done) == 1
            assert lost.theirs == {name: draft.values[name]}
            assert lost.revision == draft.revision
            beside = next(p.changes[name] for p in draft.past() if p.why)
            assert {draft.values[name], beside} == set(texts)
            revision = draft.revision


def test_two_tabs_with_different_fields_let_go_together_both_live():
    """T2"""
    world = small_world(givers=1)
    giver, names = world.givers[0], [f"question_{q.pk}" for q in world.questions]
    for n in range(10):
        before = FeedbackDraft.objects.first()
        seen = before.revision if before else 0

        done = race(*(saving(world, giver, {name: f"{name} {n}"}, seen=seen) for name in names))

        assert [type(d) for d in done] == [actions.Saved, actions.Saved]
        assert read(world.request_of(giver)).values == {name: f"{name} {n}" for name in names}


def test_the_same_request_sent_twice_at_once_is_one_version():
    """T6"""
    world = small_world(givers=1)
    deed = saving(world, world.givers[0], {"question_1": "once"}, seen=0, key="key-00000009")

    one, two = race(deed, deed)

    assert one == two
    assert len(read(world.request_of(world.givers[0])).versions) == 1


@pytest.mark.parametrize("mode", Mode)
def test_a_double_click_sends_once(mode):
    """T7"""
    world = small_world(givers=4, mode=mode)
    for giver in world.givers:
        seen = saving(world, giver, {"question_1": "x"}, seen=0)().revision

        results = race(*[sending(world, giver, whole_form(world), seen=seen)] * 2)

        assert True in results
        assert all(r in (True, False) or isinstance(r, StaleState) for r in results), results
    assert Answer.objects.count() == 4
    assert not FeedbackDraft.objects.exists()
    sent = AuditEvent.objects.filter(verb="send_feedback").count()
    assert sent == (0 if mode == Mode.ANONYMOUS else 4)


def test_two_changes_of_what_was_sent_let_go_together_leave_one_whole_answer():
    """T7"""
    world = small_world(givers=6, mode=Mode.NAMED)
    for giver in world.givers:
        send(world, giver)

        results = race(
            *(
                sending(world, giver, whole_form(world, text=text), seen=0)
                for text in ("one", "two")
            )
        )

        assert results == [True, True]
        texts = AnswerPart.objects.filter(answer__author=giver).values_list("text", flat=True)
        assert len(texts) == 4
        assert len({text.split()[0] for text in texts}) == 1


@pytest.mark.parametrize("mode", Mode)
def test_a_save_and_a_send_let_go_together_lose_no_acknowledged_word(mode):
    """Either the other tab's words are seen before it is sent, or they come too late and are told so."""
    world = small_world(givers=8, mode=mode)
    name, form = f"question_{world.questions[0].pk}", whole_form(world)
    for giver in world.givers:
        revision = saving(world, giver, form, seen=0)().revision

        saved, sent = race(
            saving(world, giver, {name: "from another tab"}, seen=revision),
            sending(world, giver, form, seen=revision),
        )

        left = FeedbackDraft.objects.filter(request=world.request_of(giver)).first()
        if sent is True and mode == Mode.ANONYMOUS:
            assert left is None
            assert not isinstance(saved, actions.Saved)
        elif isinstance(saved, actions.Saved):  # before it was sent, or a change after it
            assert isinstance(sent, Conflict) or sent is True
            assert left.content["values"][name] == "from another tab"
        else:
            assert sent is True
