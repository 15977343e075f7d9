"""Texts that are reported, hidden or given unasked: single objects for the tests of this folder."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.test import RequestFactory as HttpRequestFactory

from apps.feedback import actions, pages
from apps.feedback.forms import asking_for_name, decision, showing_again
from apps.feedback.states import Mode
from tests.factories import NOON
from tests.factories.feedback import (
    AnswerFactory,
    AnswerPartFactory,
    ConcernFactory,
    PerspectiveFactory,
    UnaskedFeedbackFactory,
)
from tests.factories.people import PersonFactory
from tests.factories.reviews import ParticipantFactory
from tests.feedback.worlds import World, as_viewer, send, small_world

WHY, DECISION, NEED = "It speaks of an illness.", "It names an illness.", "A threat stands in it."


def sealed(mode: str = Mode.CONFIDENTIAL, *, released: bool = True, **more) -> World:
    """Everybody sent an answer, and it is over. A second person of HR is there."""
    world = small_world(mode=mode, **more)
    for giver in world.givers:
        send(world, giver)
    world.seal()
    if released:
        world.release()
    world.second = PersonFactory(name="Cora Content", content_admin=True, with_user=True)
    return world


def texts(world, reader):
    page = pages.received_feedback(as_viewer(reader), participant_id=world.participant.pk)
    return [said for kind in page.kinds for said in kind.texts()]


def report(world, reader, *, number=0, reason=WHY):
    said = [s for s in texts(world, reader) if s.may_report][number]
    return actions.raise_concern(
        world.participant, said.part_id, reason=reason, by=as_viewer(reader), now=NOON
    )


def reported(world, reader=None):
    return report(world, reader or world.manager)


def asked(world, concern):
    return actions.ask_for_name(concern, reason=NEED, by=as_viewer(world.content), now=NOON)


def opened(world):
    concern = reported(world)
    disclosure = asked(world, concern)
    actions.agree_to_disclosure(disclosure, by=as_viewer(world.second), now=NOON)
    return concern, disclosure


def drawn(template, page, **more):
    request = HttpRequestFactory().get("/")
    return render_to_string(f"feedback/{template}.html", {"page": page, **more}, request=request)


def case_html(page):
    forms = {"decide": decision(), "again": showing_again(), "name": asking_for_name()}
    return drawn("concern", page, **forms)


def concern_in(world):
    """About a text on the subject, in confidence, reported by the manager."""
    given = AnswerFactory(
        participant=world.participant,
        perspective=PerspectiveFactory(confidential=True, sealed=True),
        author=world.givers[0],
    )
    part = AnswerPartFactory(answer=given)
    return ConcernFactory(part=part, raised_by=world.manager)


def text_of(world):
    """Of another cycle: the one text that the manager reads there, by its address."""
    over = PerspectiveFactory(named=True, sealed=True)
    participant = ParticipantFactory(cycle=over.cycle, person=world.subject, manager=world.manager)
    AnswerPartFactory(answer=AnswerFactory(perspective=over, participant=participant))
    page = pages.received_feedback(as_viewer(world.manager), participant_id=participant.pk)
    return [participant.pk, next(said.key for kind in page.kinds for said in kind.texts())]


def unasked_in(world):
    return UnaskedFeedbackFactory(giver=world.givers[0], receiver=world.subject, to_both=True)
