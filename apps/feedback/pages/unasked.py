"""Thanks and feedback that nobody asked for: what one received and gave, and the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.shortcuts import get_object_or_404
from django.utils import timezone

from apps.core.access import Viewer
from apps.feedback.access import unasked_gate
from apps.feedback.models import UnaskedFeedback
from apps.feedback.rules import may_be_taken_back
from apps.ladders.expectations import expectations_of
from apps.ladders.models import Competency
from apps.ladders.states import CompetencyKind
from apps.people.access import person_gate
from apps.people.models import Person

PER_PAGE, FOUND, SHORTEST_SEARCH = 20, 12, 2
RECEIVED, GIVEN, TEAM = "received", "given", "team"


@dataclass(frozen=True)
class Row:
    given: UnaskedFeedback
    may_withdraw: bool
    may_keep: bool


@dataclass(frozen=True)
class Unasked:
    """`show` is which of the lists; `has_team` whether somebody reports to the viewer."""

    show: str
    has_team: bool
    rows: list[Row]
    page_obj: Page[UnaskedFeedback]


def unasked_feedback(
    viewer: Viewer, *, show: str = RECEIVED, number: str = "1", now: datetime
) -> Unasked:
    """4 queries: whether there is a team, how many, one page of them, their competencies."""
    has_team = (
        viewer.person_id is not None
        and Person.objects.employed(on=timezone.localdate(now))
        .filter(manager=viewer.person_id)
        .exists()
    )
    show = show if show in {RECEIVED, GIVEN, TEAM} else RECEIVED
    rows = {
        RECEIVED: UnaskedFeedback.objects.received_by,
        GIVEN: UnaskedFeedback.objects.given_by,
        TEAM: UnaskedFeedback.objects.about_people_of,
    }[show](viewer)
    page_obj = Paginator(rows.with_people(), PER_PAGE).get_page(number)
    page_obj.object_list = list(page_obj.object_list)
    return Unasked(show, has_team, [_row(viewer, g, now) for g in page_obj], page_obj)


def unasked_of(viewer: Viewer, *, unasked_id: int) -> UnaskedFeedback:
    """1 query, 1 more for its competencies; 404 for what this viewer does not read."""
    rows = UnaskedFeedback.objects.visible_to(viewer).with_people()
    return get_object_or_404(rows, pk=unasked_id)


@dataclass(frozen=True)
class FindReceiver:
    find: str
    found: list[Person]
    suggested: list[Person]


def find_receiver(viewer: Viewer, *, find: str, on: date) -> FindReceiver:
    """At most 3 queries: colleagues by name or title; without a search those with the same manager."""
    colleagues = (
        Person.objects.visible_to(viewer, on=on)
        .employed(on=on)
        .exclude(pk=viewer.person_id)
        .select_related("department")
        .order_by("name", "pk")
    )
    if len(find.strip()) >= SHORTEST_SEARCH:
        return FindReceiver(find, list(colleagues.matching(find)[:FOUND]), [])
    near = Person.objects.filter(pk=viewer.person_id).values("manager")
    return FindReceiver(find, [], list(colleagues.filter(manager__in=near)[:FOUND]))


@dataclass(frozen=True)
class GiveUnasked:
    """`areas` are the competencies that may be chosen; `to_manager` whether a manager reads along."""

    receiver: Person
    areas: list[tuple[str, list[tuple[int, str]]]]
    to_manager: bool

    @property
    def choices(self) -> list[tuple[int, str]]:
        return [pair for _area, pairs in self.areas for pair in pairs]


def give_unasked(viewer: Viewer, *, person_id: int, on: date) -> GiveUnasked:
    """At most 7 queries; 404 for oneself and for whoever is not in the directory."""
    colleagues = Person.objects.visible_to(viewer, on=on).employed(on=on)
    receiver = get_object_or_404(
        colleagues.exclude(pk=viewer.person_id).select_related("manager", "level", "department"),
        pk=person_id,
    )
    to_manager = receiver.manager_id not in {None, viewer.person_id}
    return GiveUnasked(receiver, _areas(viewer, receiver), to_manager)


def _areas(viewer: Viewer, receiver: Person) -> list[tuple[str, list[tuple[int, str]]]]:
    """What the receiver's level expects, for those who may know the level.

    PRIVACY: to everybody else the whole ladder is offered; a shorter list would give the level away.
    """
    if receiver.level is None:
        return []
    if person_gate.may(viewer, "read_level", receiver):
        mixins = [mixin.pk for mixin in receiver.mixins.all()]
        expected = expectations_of(receiver.level_id, mixins)
        return [
            (area, [(c.competency_id, c.name) for c in competencies])
            for area, competencies in expected.areas()
        ]
    areas: dict[str, list[tuple[int, str]]] = {}
    rows: Any = Competency.objects.filter(
        version=receiver.level.version_id, kind=CompetencyKind.COMPETENCY
    ).select_related("area")
    for competency in rows.order_by("area__position", "position", "pk"):
        name = competency.area.name if competency.area else ""
        areas.setdefault(name, []).append((competency.pk, competency.name))
    return list(areas.items())


def _row(viewer: Viewer, given: UnaskedFeedback, now: datetime) -> Row:
    mine = bool(unasked_gate.may(viewer, "withdraw_unasked", given))
    return Row(
        given,
        mine and may_be_taken_back(given.given_at, at=now),
        bool(unasked_gate.may(viewer, "keep_unasked", given)),
    )
