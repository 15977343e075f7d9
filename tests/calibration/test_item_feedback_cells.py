"""How much of what colleagues said is read from a seat: the batch, no name, and no more than others read."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from apps.feedback.models import Answer, AnswerPart
from apps.feedback.pages import received_feedback
from apps.feedback.states import Mode, PerspectiveKind
from tests.calibration.seeing import FRAGMENT, address, bare, look, member_of, read, sealed
from tests.feedback.looking import Eyes, in_a_world
from tests.feedback.worlds import as_viewer, busy_world, send, whole_form

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seat", ["facilitator", "member"])
@pytest.mark.parametrize(
    ("mode", "kind"), [("confidential", "peer"), ("anonymous", "peer"), ("anonymous", "upward")]
)
def test_from_none_to_one_too_few_everything_looks_the_same(
    seat: str, mode: Mode, kind: PerspectiveKind
) -> None:
    """A1 and A15."""
    world = busy_world(givers=6, mode=mode, kind=kind)
    person = world.session.facilitator if seat == "facilitator" else member_of(world)
    eyes = Eyes([person])

    def look_with(answers: int) -> Any:
        def deeds() -> None:
            for giver in world.givers[:answers]:
                send(world, giver)
            world.seal()

        seen = in_a_world(deeds, lambda: eyes.see([address(world)]))
        world.move_cycle("collection")
        return seen

    looks = [look_with(answers) for answers in range(6)]

    assert [status for (status, _, _) in looks[5].values()] == [200]
    assert all(one == looks[0] for one in looks[:5])
    assert looks[5] != looks[0]


def test_an_item_with_too_few_voices_is_kept_back_and_is_in_no_total() -> None:
    world = busy_world()
    low, high = world.competencies
    for number, giver in enumerate(world.givers):
        values = whole_form(world, text=f"Text {giver.pk}", points=5) | {f"rating_{high}": "4"}
        if number == 0:
            first = world.questions[0].pk
            values |= {f"rating_{low}": "not_enough_evidence", f"comment_{low}": ""}
            values |= {f"question_{first}": "", f"cannot_{first}": "on"}
        send(world, giver, values)
    world.seal()

    (kind,) = read(member_of(world), world).kinds

    assert kind.scores is not None
    assert kind.sections is not None
    assert [(s.mean is None, len(s.comments)) for s in kind.scores] == [(True, 0), (False, 5)]
    assert kind.total is None
    assert [(s.is_held, len(s.texts)) for s in kind.sections] == [(True, 0), (False, 5)]
    body = look(member_of(world), world).content.decode()
    assert body.count("Text ") == 5 + 5
    assert "fewer than 5" in body


def cells(kind: Any) -> Any:
    """All that a kind shows, without the order of the texts."""
    return (
        kind.fewest,
        kind.why,
        kind.total,
        [
            (s.question, s.is_held, Counter((t.text, t.hidden) for t in s.texts))
            for s in kind.sections or []
        ],
        [
            (s.name, s.mean, s.nearest, s.spread, Counter((t.text, t.hidden) for t in s.comments))
            for s in kind.scores or []
        ],
    )


def orders(kind: Any) -> list[list[str]]:
    return [[text.text for text in section.texts] for section in kind.sections]


@pytest.mark.parametrize("answers", [4, 5, 12])
def test_a_seat_shows_the_very_cells_that_the_manager_reads_in_another_order(answers: int) -> None:
    """A3 and A8: whoever puts the pages of several readers side by side learns nothing more."""
    world = busy_world(givers=12)
    for number, giver in enumerate(world.givers[:answers]):
        values = whole_form(world, text=f"Words of {giver.pk * 7919}.", points=number % 5 + 1)
        if number % 3 == 0:
            values |= {f"rating_{world.competencies[0]}": "not_enough_evidence"}
        send(world, giver, values)
    world.seal()
    (by_manager,) = received_feedback(
        as_viewer(world.manager), participant_id=world.participant.pk
    ).kinds
    seats = [read(p, world).kinds[0] for p in (world.session.facilitator, member_of(world))]

    assert [cells(kind) for kind in seats] == [cells(by_manager)] * 2
    if answers == 12:
        assert by_manager.scores is not None
        assert any(score.spread for score in by_manager.scores)
        shown = [orders(kind) for kind in (by_manager, *seats)]
        assert shown[0] != shown[1] != shown[2] != shown[0]


def test_in_confidence_a_seat_shows_the_very_cells_that_the_person_reads_at_release() -> None:
    world = sealed(mode=Mode.CONFIDENTIAL)
    before = cells(read(member_of(world), world).kinds[0])
    world.release()

    (by_subject,) = received_feedback(
        as_viewer(world.subject), participant_id=world.participant.pk
    ).kinds

    assert cells(by_subject) == before == cells(read(member_of(world), world).kinds[0])


def test_of_a_team_the_figures_alone_the_same_as_for_whoever_leads_the_manager() -> None:
    world = sealed(kind=PerspectiveKind.UPWARD, answers=6)
    (above,) = received_feedback(
        as_viewer(world.manager), participant_id=world.participant.pk
    ).kinds

    (kind,) = read(member_of(world), world).kinds

    assert not kind.has_texts
    assert cells(kind) == cells(above)
    assert kind.scores is not None
    assert [score.comments for score in kind.scores] == [[], []]
    body = look(member_of(world), world).content.decode()
    assert "Words of" not in body
    assert "Figures alone" in body


@pytest.mark.parametrize("mode", Mode)
def test_while_it_is_collected_nothing_stands_there(mode: Mode) -> None:
    world = busy_world(mode=mode)
    empty = look(member_of(world), world)
    for giver in world.givers:
        send(world, giver)

    full = look(member_of(world), world)

    assert (full.status_code, bare(full)) == (200, bare(empty))
    assert "Shown all at once when collection is over" in full.content.decode()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("whole", [False, True])
def test_no_giver_stands_in_it_by_name_address_or_id(mode: Mode, whole: bool) -> None:
    world = sealed(mode=mode)

    answer = look(member_of(world), world, **({} if whole else FRAGMENT))
    body = answer.content.decode()

    assert body.count("Words of") == 5 * 4
    assert "canary" not in body
    ids = [
        *Answer.objects.values_list("pk", flat=True),
        *AnswerPart.objects.values_list("pk", flat=True),
    ]
    assert [pk for pk in ids if str(pk) in body or pk.hex in body] == []
    if not whole:
        assert not re.search(r"<(form|button|input|img)|avatar|title=", body)
        said = {*re.findall(r' id="([^"]+)"', body), *re.findall(r'data-([^>]+)"', body)}
        assert said == {"said-peer", *(f'of="c{pk}' for pk in world.competencies)}


@pytest.mark.parametrize("mode", Mode)
def test_nothing_can_be_reported_from_a_seat(mode: Mode) -> None:
    """Who reads in a session is not one of the readers whose word begins a case."""
    world = sealed(mode=mode)

    body = look(member_of(world), world, **FRAGMENT).content.decode()

    assert re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', body) == []
