"""Writing, sending, declining and sealing: what each deed leaves behind, and what it does not."""

import pytest
from django.core.exceptions import PermissionDenied

from apps.core.access import SYSTEM_VIEWER
from apps.core.models import AuditEvent
from apps.core.workflow import StaleState
from apps.feedback import actions
from apps.feedback.models import Answer, FeedbackDraft, Perspective, Request
from apps.feedback.rules import Conflict, Draft, Incomplete
from apps.feedback.states import Mode, PerspectiveState
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.feedback.worlds import as_viewer, send, small_world, whole_form

pytestmark = pytest.mark.django_db


def states(world):
    rows = Request.objects.filter(perspective=world.perspective).order_by("pk")
    return list(rows.values_list("state", flat=True))


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


# --- writing ---


def save(request, changes, *, seen, key="", by=None):
    return actions.save_feedback_draft(
        request, changes=changes, seen=seen, key=key, by=by or as_viewer(request.giver), now=NOON
    )


def read(row):
    return Draft.of(row.content, row.revision)


def test_two_tabs_on_different_fields_both_live():
    world = small_world(givers=1)
    request = world.request_of(world.givers[0])
    assert save(request, {"question_1": "one"}, seen=0).revision == 1
    assert save(request, {"question_2": "two"}, seen=0).revision == 2
    assert FeedbackDraft.objects.get().content["values"] == {
        "question_1": "one",
        "question_2": "two",
    }


def test_two_tabs_on_one_field_conflict_and_overwrite_nothing():
    world = small_world(givers=1)
    request = world.request_of(world.givers[0])
    save(request, {"question_1": "first"}, seen=0)
    with pytest.raises(Conflict) as conflict:
        save(request, {"question_1": "second"}, seen=0)
    assert (conflict.value.revision, conflict.value.theirs) == (2, {"question_1": "first"})
    draft = FeedbackDraft.objects.get()
    assert draft.content["values"] == {"question_1": "first"}
    assert [p.changes for p in read(draft).past() if p.why] == [{"question_1": "second"}]


def test_the_same_key_is_one_save():
    world = small_world(givers=1)
    request = world.request_of(world.givers[0])
    assert [save(request, {"question_1": "x"}, seen=0, key="k").revision for _ in range(2)] == [
        1,
        1,
    ]


def test_a_save_costs_at_most_six_queries(django_assert_max_num_queries):
    world = small_world(givers=1)
    request = world.request_of(world.givers[0])
    save(request, {"question_1": "x"}, seen=0)
    giver = as_viewer(request.giver)
    with django_assert_max_num_queries(6):
        save(request, {"question_1": "y"}, seen=1, by=giver)


def test_a_text_outlives_its_phase_as_a_draft():
    world = small_world(givers=1)
    giver = world.givers[0]
    save(world.request_of(giver), {"question_1": "in time"}, seen=0)
    world.seal()
    assert save(world.request_of(giver), {"question_1": "late"}, seen=1).phase_is_over
    assert FeedbackDraft.objects.get().content["values"] == {"question_1": "late"}
    with pytest.raises(PermissionDenied):
        actions.send_feedback(
            world.request_of(giver),
            values={},
            question_ids=[],
            competency_ids=[],
            by=as_viewer(giver),
            now=NOON,
        )


def test_a_tab_left_open_after_sealing_ties_no_words_to_a_name():
    world = small_world(givers=1)
    giver = world.givers[0]
    send(world, giver)
    world.seal()
    with pytest.raises(PermissionDenied):
        save(world.request_of(giver), {"question_1": "the words that were sent"}, seen=0)
    assert not FeedbackDraft.objects.exists()


def test_nobody_else_writes_or_sends():
    world = small_world(givers=2)
    request = world.request_of(world.givers[0])
    for person in [*world.others(), world.givers[1]]:
        with pytest.raises(PermissionDenied):
            save(request, {"question_1": "x"}, seen=0, by=as_viewer(person))
        with pytest.raises(PermissionDenied):
            actions.send_feedback(
                request,
                values={},
                question_ids=[],
                competency_ids=[],
                by=as_viewer(person),
                now=NOON,
            )
    assert not FeedbackDraft.objects.exists()


# --- sending ---


def test_sending_without_a_name_leaves_no_trace_of_the_giver():
    world = small_world(givers=1)
    save(world.request_of(world.givers[0]), {"question_1": "x"}, seen=0)
    before = AuditEvent.objects.count()
    assert send(world, world.givers[0])
    answer = Answer.objects.get()
    assert (answer.author_id, answer.anonymous, answer.parts.count()) == (None, True, 4)
    assert not FeedbackDraft.objects.exists()
    assert AuditEvent.objects.count() == before


def test_sending_twice_is_sending_once():
    world = small_world(givers=1)
    assert [send(world, world.givers[0]) for _ in range(2)] == [True, False]
    assert Answer.objects.count() == 1


def test_two_clicks_at_once_send_once():
    world = small_world(givers=1)
    stale = world.request_of(world.givers[0])
    send(world, world.givers[0])
    with pytest.raises(StaleState):
        actions.send_feedback(
            stale,
            values={},
            question_ids=[],
            competency_ids=[],
            by=as_viewer(stale.giver),
            now=NOON,
        )
    assert Answer.objects.count() == 1


def test_a_late_save_after_sending_writes_no_draft_again():
    world = small_world(givers=1)
    in_flight = world.request_of(world.givers[0])
    send(world, world.givers[0])
    with pytest.raises(PermissionDenied):
        save(in_flight, {"question_1": "the same words"}, seen=0)
    assert not FeedbackDraft.objects.exists()


def test_sending_names_what_is_left():
    world = small_world(givers=1)
    values = whole_form(world)
    left = next(iter(values))
    with pytest.raises(Incomplete) as gaps:
        send(world, world.givers[0], {**values, left: " "})
    assert gaps.value.fields == [left]
    assert states(world) == ["asked"]


@pytest.mark.parametrize("mode", [Mode.NAMED, Mode.CONFIDENTIAL])
def test_with_a_name_it_can_be_changed_until_sealed(mode):
    world = small_world(givers=1, mode=mode)
    giver = world.givers[0]
    send(world, giver)
    assert send(world, giver, whole_form(world, text="Second thoughts."))
    assert not send(world, giver, whole_form(world, text="Second thoughts."))
    assert verbs() == ["send_feedback", "edit_feedback"]
    assert Answer.objects.get().author_id == giver.pk
    world.seal()
    with pytest.raises(PermissionDenied):
        send(world, giver, whole_form(world, text="Too late."))


@pytest.mark.parametrize("mode", Mode)
def test_sending_costs_at_most_six_queries_and_a_savepoint(mode, django_assert_max_num_queries):
    world = small_world(givers=1, mode=mode)
    request, values = world.request_of(world.givers[0]), whole_form(world)
    questions, giver = [q.pk for q in world.questions], as_viewer(world.givers[0])
    with django_assert_max_num_queries(8):  # SAVEPOINT and RELEASE stand for BEGIN and COMMIT
        actions.send_feedback(
            request,
            values=values,
            question_ids=questions,
            competency_ids=world.competencies,
            by=giver,
            now=NOON,
        )


@pytest.mark.parametrize(("mode", "kept"), [(Mode.NAMED, "No time."), (Mode.ANONYMOUS, "")])
def test_declining_deletes_the_draft_and_keeps_a_reason_only_with_names(mode, kept):
    world = small_world(givers=1, mode=mode)
    request = world.request_of(world.givers[0])
    save(request, {"question_1": "x"}, seen=0)
    actions.decline_request(request, reason="No time.", by=as_viewer(world.givers[0]), now=NOON)
    assert Request.objects.get().decline_reason == kept
    assert not FeedbackDraft.objects.exists()
    assert verbs() == (["decline_request"] if kept else [])


# --- sealing ---


def test_sealing_makes_all_anonymous_requests_the_same():
    world = small_world(givers=5)
    for giver in world.givers[:3]:
        send(world, giver)
    actions.decline_request(
        world.request_of(world.givers[3]), reason="", by=as_viewer(world.givers[3]), now=NOON
    )
    world.seal()
    assert states(world) == ["closed"] * 5
    assert Answer.objects.count() == 3


def test_sealing_with_names_lapses_what_was_not_answered():
    world = small_world(givers=2, mode=Mode.NAMED)
    send(world, world.givers[0])
    world.seal()
    assert states(world) == ["answered", "lapsed"]


def test_the_clock_seals_when_collection_is_over_and_not_before():
    world = small_world(givers=1)
    actions.turn(now=NOON)
    assert Perspective.objects.get().state == PerspectiveState.OPEN
    world.move_cycle(CycleState.MANAGER_REVIEW)
    for _ in range(2):
        actions.turn(now=NOON)
    assert Perspective.objects.get().state == PerspectiveState.SEALED
    assert verbs().count("seal_perspective") == 1


def test_sealing_twice_is_refused():
    world = small_world(givers=1)
    world.seal()
    with pytest.raises(PermissionDenied):
        actions.seal_perspective(world.perspective, by=SYSTEM_VIEWER, now=NOON)
