"""A permission row is written once and read two ways. This is the proof that they agree, for every
row of every table, every person of the world and every object in it."""

import pytest
from django.apps import apps
from django.urls import get_resolver

from apps.core.access import GATES
from apps.inbox.models import Message, MessageLine
from apps.inbox.states import DutyKind, MessageState
from tests.factories import NOON
from tests.world import every_scene

pytestmark = pytest.mark.django_db
get_resolver().url_patterns  # loads every room, and with it every table

ROWS = sorted((label, action) for label, gate in GATES.items() for action in gate.table)


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker):
    """The world, made once for the whole module and rolled back after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        world = every_scene()
        for number, state in enumerate(MessageState):
            message = Message.objects.create(
                person=world.people["subject"],
                key=f"digest.{number}",
                state=state,
                due_at=NOON,
                planned_at=NOON,
                sent_at=NOON if state == MessageState.SENT else None,
                message_id=f"<{number}@example.com>",
            )
            feedback, talk = DutyKind.GIVE_FEEDBACK, DutyKind.TALK
            for kind in ([], [feedback], [talk], [feedback, talk])[number % 4]:
                MessageLine.objects.create(
                    message=message, person=message.person, duty_kind=kind, object_id=number,
                    notice="asked", local_day=NOON.date(),
                )  # fmt: skip
        yield world, world.viewers()
        transaction.set_rollback(True)


@pytest.mark.parametrize("label", sorted(GATES))
def test_python_and_sql_agree_on_every_row(label, scene):
    _, viewers = scene
    gate, model = GATES[label], apps.get_model(label)
    objects = list(model._default_manager.select_related())
    assert objects, f"the world has no {label}: add one, or the agreement is not tested"

    for action in gate.table:
        allowed_to_somebody = False
        for name, viewer in viewers.items():
            by_sql = set(
                gate.visible(viewer, model._default_manager.all(), action).values_list(
                    "pk", flat=True
                )
            )
            by_python = {obj.pk for obj in objects if gate.may(viewer, action, obj)}
            assert by_sql == by_python, (action, name)
            allowed_to_somebody |= bool(by_sql)
        assert allowed_to_somebody, f"{label} {action}: nobody in the world may; untested"


@pytest.mark.parametrize(("label", "action"), ROWS)
def test_every_refusal_is_a_sentence(label, action):
    refusal = GATES[label].table[action].refusal
    assert refusal.endswith("."), refusal
    assert refusal[0].isupper(), refusal


def test_nobody_and_an_account_without_a_person_see_nothing(scene):
    _, viewers = scene
    for label, gate in GATES.items():
        rows = apps.get_model(label)._default_manager.all()
        for action in gate.table:
            for name in ("nobody", "account without a person"):
                assert not gate.visible(viewers[name], rows, action).exists(), (label, action)
